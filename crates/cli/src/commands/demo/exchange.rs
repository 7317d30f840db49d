//! A question and its answer, as the vendor gave it and as it came through the gateway.

use std::time::Duration;

use ferro_core::Inflow;
use ferro_scripted::{STREAM_TEXT, WHOLE_TEXT};
use ferro_wire::sse;
use futures_util::StreamExt as _;
use http::{StatusCode, response::Parts};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::{Client, whole};

/// How long a loopback connection may take for one step.
const PATIENCE: Duration = Duration::from_secs(10);

/// The two ways to be answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Exchange {
    Whole,
    Streamed,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    head: Parts,
    /// One document, or what each event said.
    pieces: Vec<Vec<u8>>,
    took: Duration,
}

impl Exchange {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Whole => "1. An answer in one piece",
            Self::Streamed => "2. An answer as a stream",
        }
    }

    pub(super) fn verdict(self) -> &'static str {
        match self {
            Self::Whole => "exactly what the vendor said, and who said it: `provider`",
            Self::Streamed => "exactly the vendor's events, in order, to the end",
        }
    }

    /// What is asked.
    pub(super) fn request(self, model: &str) -> Value {
        let messages = json!([{"role": "user", "content": "Hello"}]);
        match self {
            Self::Whole => json!({"model": model, "messages": messages}),
            Self::Streamed => json!({"model": model, "stream": true, "messages": messages}),
        }
    }

    /// What the vendor is asked in the end: the gateway wants to know what a stream costs.
    pub(super) fn passed_on(self, model: &str) -> Value {
        let mut request = self.request(model);
        if self == Self::Streamed {
            request["stream_options"] = json!({"include_usage": true});
        }
        request
    }

    /// Asks whoever has its API at `root`.
    pub(super) async fn ask(self, root: &str, request: &Value) -> Result<Answer, String> {
        let client = Client::at(root, PATIENCE)?;
        let begun = Instant::now();
        let answer = client.post("/chat/completions", request.to_string()).await;
        let (head, body) = answer.map_err(|error| error.to_string())?.into_parts();
        let is_stream = self == Self::Streamed && head.status == StatusCode::OK;
        let pieces = if is_stream { events(body).await? } else { vec![whole(body).await?] };
        Ok(Answer { head, pieces, took: begun.elapsed() })
    }

    /// How what was heard through the gateway differs from what the vendor says; `None` if it is
    /// exact. `provider` is how the gateway calls the vendor.
    pub(super) fn difference(
        self,
        said: &Answer,
        heard: &Answer,
        provider: &str,
    ) -> Option<String> {
        let text = match self {
            Self::Whole => WHOLE_TEXT.to_owned(),
            Self::Streamed => STREAM_TEXT.concat(),
        };
        let said = said.pieces.iter();
        let expected: Vec<_> = match self {
            Self::Whole => said.map(|piece| signed(piece, provider)).collect(),
            Self::Streamed => said.filter(|piece| !is_cost(piece)).cloned().collect(),
        };
        if heard.head.status != StatusCode::OK {
            return Some(format!("the gateway answered {}", heard.head.status));
        }
        if self == Self::Streamed && heard.pieces.last().map(Vec::as_slice) != Some(b"[DONE]") {
            return Some("the stream did not end with [DONE]".to_owned());
        }
        if heard.text() != text {
            return Some(format!("the text should have been: {text}"));
        }
        let differs = |(said, heard): (&Vec<u8>, &Vec<u8>)| (said != heard).then(|| shown(said));
        let first = expected.iter().zip(&heard.pieces).find_map(differs);
        first.map(|piece| format!("this should have been: {piece}")).or_else(|| {
            let (said, heard) = (expected.len(), heard.pieces.len());
            (said != heard).then(|| format!("the vendor said {said} things, not {heard}"))
        })
    }
}

impl Answer {
    /// The answer for people, a line each.
    pub(super) fn shown(&self) -> Vec<String> {
        let header = |name| self.head.headers.get(name).and_then(|value| value.to_str().ok());
        let overhead = header("x-gateway-overhead-ms").unwrap_or("an unknown number of");
        let mut lines = vec![format!(
            "{} in {:.3} ms, of which the gateway itself took {overhead} ms",
            self.head.status.as_u16(),
            self.took.as_secs_f64() * 1e3,
        )];
        lines.extend(self.pieces.iter().map(|piece| shown(piece)));
        lines
    }

    /// What the model says in it.
    pub(super) fn text(&self) -> String {
        let pieces = self.pieces.iter().filter_map(|piece| serde_json::from_slice(piece).ok());
        let said = pieces.map(|piece: Value| {
            let choice = &piece["choices"][0];
            let part = [&choice["message"]["content"], &choice["delta"]["content"]];
            part.into_iter().filter_map(Value::as_str).collect::<String>()
        });
        said.collect()
    }
}

/// A document as the gateway passes it on: with one more member, the last.
fn signed(document: &[u8], provider: &str) -> Vec<u8> {
    let document = document.trim_ascii_end();
    let open = document.strip_suffix(b"}").unwrap_or(document);
    [open, format!(r#","provider":"{provider}"}}"#).as_bytes()].concat()
}

/// Whether an event only says what the stream cost, which nobody but the gateway asked for.
fn is_cost(event: &[u8]) -> bool {
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    event["choices"].as_array().is_some_and(Vec::is_empty)
}

fn shown(piece: &[u8]) -> String {
    String::from_utf8_lossy(piece).into_owned()
}

/// What each event of a stream says.
async fn events(mut body: Inflow) -> Result<Vec<Vec<u8>>, String> {
    let (mut said, mut held) = (Vec::new(), Vec::new());
    while let Some(piece) = body.next().await {
        held.extend_from_slice(&piece.map_err(|error| error.to_string())?);
        let complete = sse::FRAMING.whole(&held);
        let events = sse::events(&held[..complete]).filter(|event| !event.is_silent());
        said.extend(events.map(|event| event.data().into_owned()));
        held.drain(..complete);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "[DONE]";

    fn answer(status: u16, pieces: &[&str]) -> Answer {
        let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
        let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        Answer { head, pieces, took: Duration::ZERO }
    }

    fn document(text: &str, rest: &str) -> String {
        format!(r#"{{"choices":[{{"message":{{"content":"{text}"}}}}]{rest}}}"#)
    }

    fn chunk(text: &str) -> String {
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#)
    }

    #[test]
    fn a_whole_answer_is_exact_to_the_byte() {
        let said = document(WHOLE_TEXT, r#","id":"1""#);
        let differs = |heard: &Answer| {
            let said = answer(200, &[&format!("{said}\n")]);
            Exchange::Whole.difference(&said, heard, "scripted").is_some()
        };
        let exact = document(WHOLE_TEXT, r#","id":"1","provider":"scripted""#);
        assert!(!differs(&answer(200, &[&exact])));
        for (status, heard) in [
            (500, exact.clone()),
            (200, said.clone()),
            (200, exact.replace("scripted\"", "another\"")),
            (200, exact.replace(r#""id":"1""#, r#""id": "1""#)),
            (200, document("Hello", r#","id":"1","provider":"scripted""#)),
        ] {
            assert!(differs(&answer(status, &[&heard])), "{status} {heard}");
        }
    }

    #[test]
    fn a_stream_is_exact_in_its_events_their_order_and_its_end() {
        let chunks: Vec<_> = STREAM_TEXT.iter().map(|text| chunk(text)).collect();
        let chunks: Vec<_> = chunks.iter().map(String::as_str).collect();
        let cost = r#"{"choices":[],"usage":{"total_tokens":1}}"#;
        let said = answer(200, &[&chunks[..], &[cost, DONE]].concat());
        let differs = |pieces: &[&str]| {
            Exchange::Streamed.difference(&said, &answer(200, pieces), "scripted").is_some()
        };
        let exact = [&chunks[..], &[DONE]].concat();
        assert!(!differs(&exact));
        let mut swapped = exact.clone();
        swapped.swap(0, 1);
        let silent = chunk("");
        for heard in [
            chunks.clone(),
            [&chunks[..], &[cost, DONE]].concat(),
            exact[1..].to_vec(),
            swapped,
            [&[silent.as_str()], &exact[..]].concat(),
            [&exact[..], &[DONE]].concat(),
        ] {
            assert!(differs(&heard), "{heard:?}");
        }
    }
}
