//! Every vendor with a wire of its own, asked by the official OpenAI client through the real binary.
//!
//! The vendor answers what it is on record with, in the fixtures of its crate; what it was sent, and
//! where, is looked at here.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;

use std::{fs, path::Path};

use bytes::Bytes;
use ferro_scripted::{Received, Reply, Script, Upstream};
use ferro_wire::event_stream;
use process::{Gateway, MASTER_KEY};
use serde_json::{Value, json};

/// A vendor, and how a request to it looks.
struct Vendor {
    kind: &'static str,
    /// The target's keys besides its name, its kind and its address.
    target: &'static str,
    /// Where its fixtures are, below `providers`.
    fixtures: &'static str,
    /// Where it is asked: for a whole, and for a stream.
    paths: [&'static str; 2],
    /// The header in which it is shown its key, and how that begins.
    shown: (&'static str, &'static str),
    /// What it says, and how many tokens it bills as read and written.
    says: (&'static str, [u64; 2]),
}

const VENDORS: [Vendor; 6] = [
    Vendor {
        kind: "anthropic",
        target: "api_key: sk-of-the-gateway",
        fixtures: "anthropic/tests/fixtures/anthropic",
        paths: ["/v1/messages"; 2],
        shown: ("x-api-key", "sk-of-the-gateway"),
        says: ("Gr\u{fc}\u{df} dich! \u{1f642}", [73, 7]),
    },
    Vendor {
        kind: "gemini",
        target: "api_key: sk-of-the-gateway",
        fixtures: "google/tests/fixtures/_google",
        paths: [
            "/v1beta/models/hello:generateContent",
            "/v1beta/models/hello:streamGenerateContent?alt=sse",
        ],
        shown: ("x-goog-api-key", "sk-of-the-gateway"),
        says: ("Gr\u{fc}\u{df} Gott, hello there.", [5, 4]),
    },
    Vendor {
        kind: "bedrock",
        target: "api_key: sk-of-the-gateway",
        fixtures: "bedrock/tests/fixtures/bedrock",
        paths: ["/model/hello/converse", "/model/hello/converse-stream"],
        shown: ("authorization", "Bearer sk-of-the-gateway"),
        says: ("H\u{e9}llo, w\u{f6}rld \u{2026} \u{1d11e}!", [25, 9]),
    },
    Vendor {
        kind: "cohere",
        target: "api_key: sk-of-the-gateway",
        fixtures: "cohere/tests/fixtures/cohere",
        paths: ["/v2/chat"; 2],
        shown: ("authorization", "Bearer sk-of-the-gateway"),
        says: ("Gr\u{fc}ezi \u{1f44b} world", [5, 7]),
    },
    Vendor {
        kind: "azure-foundry",
        target: "api_key: sk-of-the-gateway",
        fixtures: "azure/tests/fixtures/azure-foundry",
        paths: ["/openai/v1/chat/completions"; 2],
        shown: ("api-key", "sk-of-the-gateway"),
        says: ("Gr\u{fc}ezi \u{1f44b} world", [11, 7]),
    },
    Vendor {
        kind: "ollama",
        target: "weight: 1",
        fixtures: "ollama/tests/fixtures/ollama",
        paths: ["/api/chat"; 2],
        shown: ("content-type", "application/json"),
        says: ("Hello! How are you today?", [26, 298]),
    },
];

impl Vendor {
    /// What it is on record with.
    fn recorded(&self, case: &str) -> Reply {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../providers").join(self.fixtures);
        let file = fs::read_to_string(root.join("chat").join(case).join("upstream.http")).unwrap();
        let (head, body) = file.split_once("\n\n").unwrap();
        let header = |line: &str| line.strip_prefix("content-type: ").map(str::to_owned);
        let content_type = head.lines().find_map(header).unwrap();
        let body = match content_type.as_str() {
            "application/vnd.amazon.eventstream" => frames(body),
            _ => body.to_owned().into(),
        };
        Reply::new(200, &content_type, body)
    }

    /// Whether a request asks it for a stream.
    fn is_stream(request: &Received) -> bool {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        request.path.contains("tream") || body["stream"] == json!(true)
    }
}

/// The lines of a fixture as the frames that they stand for.
fn frames(lines: &str) -> Bytes {
    let mut all = Vec::new();
    for (event, payload) in lines.lines().filter_map(|line| line.split_once(' ')) {
        let headers = [
            (":message-type", "event"),
            (":event-type", event),
            (":content-type", "application/json"),
        ];
        let headers = headers.map(|(name, value)| (name, event_stream::Value::Text(value)));
        event_stream::write(&mut all, &headers, payload.as_bytes()).unwrap();
    }
    all.into()
}

#[tokio::test]
async fn every_vendor_answers_the_official_client_whole_and_streamed() {
    for vendor in &VENDORS {
        let (whole, streamed) = (vendor.recorded("hello_whole"), vendor.recorded("hello_streamed"));
        let answer = move |request: &Received| {
            let reply = if Vendor::is_stream(request) { &streamed } else { &whole };
            Script::from(reply.clone())
        };
        let upstream = Upstream::builder().answers(answer).start().await.unwrap();
        let (kind, root) = (vendor.kind, format!("http://{}", upstream.address()));
        let config = format!(
            "targets:\n  - {{virtual_key: {kind}, base_url: '{root}', models: [hello], {}}}\n",
            vendor.target
        );
        let gateway = Gateway::start(&config).await.unwrap();
        let base_url = format!("http://{}/v1", gateway.address());
        let case = json!({"base_url": base_url, "key": MASTER_KEY, "model": "hello"});
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/ask.py");
        let asked = tokio::task::spawn_blocking(move || ferro_testkit::oracle(&script, &[case]));
        let [seen] = &asked.await.unwrap()[..] else { panic!("one case, one answer") };

        let (text, [read, written]) = vendor.says;
        let counts = json!([read, written, read + written]);
        let expected =
            |object| json!({"text": text, "finish": "stop", "counts": counts, "object": object});
        assert_eq!(seen["whole"], expected("chat.completion"), "{kind}: {seen}");
        assert_eq!(seen["streamed"], expected("chat.completion.chunk"), "{kind}: {seen}");
        let sent = upstream.take_requests();
        let paths: Vec<_> = sent.iter().map(|request| request.path.as_str()).collect();
        assert_eq!(paths, vendor.paths, "{kind}");
        for request in &sent {
            let (name, value) = vendor.shown;
            assert_eq!(request.header(name), Some(value), "{kind}");
            let said = String::from_utf8_lossy(&request.body);
            assert!(said.contains("Be brief.") && said.contains("Say hello."), "{kind}: {said}");
            assert!(!said.contains(MASTER_KEY), "{kind}: {said}");
        }
    }
}
