//! What a stream consumed that was cut off, over real sockets: its record says about how many tokens, that
//! this is an estimate, and what they cost.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "what is cut off is not read to its end")]
mod listening;

use std::{io, time::Duration};

use ferro_core::{ByScript, Tokenizer};
use ferro_gateway::{Doors, RecordFormat, Registry};
use ferro_scripted::{Events, Script, Upstream};
use listening::{Listening, configured};
use serde_json::Value;
use tokio::{io::AsyncReadExt, sync::mpsc, time::timeout};

const PROMPT: &str = "Tell me of the ships that passed the cape before the storm came.";
const WORDS: [&str; 8] =
    ["Three ", "ships ", "passed; ", "none ", "was ", "ever ", "seen ", "again."];

struct Setup {
    gateway: Listening,
    records: mpsc::Receiver<Vec<u8>>,
    _upstream: Upstream,
}

/// The lines of a log.
struct Lines(mpsc::Sender<Vec<u8>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One target, where a token that is read costs a thousand nano-dollars, and one that is
/// written two thousand.
async fn start(script: impl Into<Script>) -> Setup {
    let upstream = Upstream::builder().script(script).start().await.unwrap();
    let text = format!(
        "targets:\n- {{virtual_key: a, provider: openai, base_url: '{}', api_key: sk-of-target-a, models: [m],\n\
         \x20   prices: {{m: {{input_per_m_tokens: 1, output_per_m_tokens: 2}}}}}}\n",
        upstream.base_url()
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let vars = |name: &str| (name == "ALLOW_UNAUTHENTICATED_PROXY").then(|| "true".to_owned());
    let (doors, _) = Doors::from_vars(&vars).unwrap();
    let (lines, records) = mpsc::channel(16);
    let gateway = configured(&text, registry).doors(doors);
    let gateway = gateway.log_records(Lines(lines), RecordFormat::Json);
    Setup { gateway: Listening::start(gateway).await, records, _upstream: upstream }
}

impl Setup {
    /// Asks for a stream, and leaves when it has said this, or when it is over.
    async fn read_until(&self, word: &str) {
        let body = format!(
            r#"{{"model":"m","stream":true,"max_tokens":99,"messages":[{{"role":"user","content":"{PROMPT}"}}]}}"#
        );
        let (line, headers) = ("POST /v1/chat/completions", "content-type: application/json\r\n");
        let mut socket = self.gateway.send(line, headers, body.as_bytes()).await;
        let (mut said, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&said).contains(word) {
            match socket.read(&mut piece).await.unwrap() {
                0 => break,
                length => said.extend_from_slice(&piece[..length]),
            }
        }
    }

    async fn record(&mut self) -> Value {
        let line = timeout(Duration::from_secs(60), self.records.recv()).await.unwrap().unwrap();
        serde_json::from_slice(&line).unwrap()
    }
}

fn chunks() -> Events {
    Events::new(WORDS.map(|word| {
        format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":\
             [{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"finish_reason\":null}}]}}\n\n"
        )
    }))
}

fn check(record: &Value, outcome: &str, tokens: (u64, u64)) {
    let usage = &record["usage"];
    assert_eq!(record["outcome"], outcome, "{record}");
    assert_eq!(usage["estimated"], true, "{record}");
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"]),
        (&tokens.0.into(), &tokens.1.into()),
        "{record}"
    );
    let nanos = 1_000 * tokens.0 + 2_000 * tokens.1;
    assert_eq!(record["cost"]["priced"]["total_nano_usd"], nanos, "{record}");
}

#[tokio::test]
async fn a_client_that_leaves_and_an_upstream_that_breaks_off_are_counted_by_their_texts() {
    let tokens = (ByScript.count(&format!("{PROMPT}\n")), ByScript.count(&WORDS.concat()));
    for (script, outcome) in
        [(chunks().stall_after(8), "cancelled"), (chunks().cut_after(8), "failed")]
    {
        let mut setup = start(script).await;
        setup.read_until("again.").await;
        check(&setup.record().await, outcome, tokens);
    }
}
