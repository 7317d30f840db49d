//! Every vendor with a wire of its own, asked by the official OpenAI client through the real binary.
//!
//! The vendor answers what it is on record with, in the fixtures of its crate; what it was sent, and
//! where, is looked at here.

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;
mod recorded;

use std::path::Path;

use ferro_scripted::{Received, Script, Upstream};
use process::{Gateway, MASTER_KEY};
use recorded::recorded;
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

const VENDORS: [Vendor; 7] = [
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
        fixtures: "ollama/tests/fixtures/_ollama",
        paths: ["/api/chat"; 2],
        shown: ("content-type", "application/json"),
        says: ("Hello! How are you today?", [26, 298]),
    },
    Vendor {
        kind: "ollama-cloud",
        target: "api_key: sk-of-the-gateway",
        fixtures: "ollama/tests/fixtures/_ollama",
        paths: ["/api/chat"; 2],
        shown: ("authorization", "Bearer sk-of-the-gateway"),
        says: ("Hello! How are you today?", [26, 298]),
    },
];

impl Vendor {
    /// Whether a request asks it for a stream.
    fn is_stream(request: &Received) -> bool {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        request.path.contains("tream") || body["stream"] == json!(true)
    }
}

#[tokio::test]
async fn every_vendor_answers_the_official_client_whole_and_streamed() {
    for vendor in &VENDORS {
        let recorded = |case| recorded(&format!("{}/chat/{case}", vendor.fixtures)).unwrap();
        let (whole, streamed) = (recorded("hello_whole"), recorded("hello_streamed"));
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
