//! A chat request in this vendor's words.

use ferro_core::{ErrorKind, ProviderError, Subject, Unsaid, chat::ChatRequest};
use serde::{Deserialize, Serialize};

/// What this vendor can be told of a chat request.
const SAID: &[&str] =
    &["model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"];

#[derive(Serialize)]
struct Speech<'a> {
    brain: &'a str,
    lines: Vec<Line>,
    live: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<u64>,
}

#[derive(Serialize)]
struct Line {
    who: &'static str,
    says: String,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

/// The body for `brain`.
pub(crate) fn speech(brain: &str, request: &ChatRequest) -> Result<Vec<u8>, ProviderError> {
    let messages: Vec<Message> = request
        .doc()
        .get("messages")
        .map_err(|error| {
            let message = format!("messages: this vendor takes text only: {error}");
            ProviderError::new(ErrorKind::Unsupported).with_message(message)
        })?
        .unwrap_or_default();
    let lines = messages.into_iter().map(line).collect();
    let at_most = request.max_output_tokens();
    let speech = Speech { brain, lines, live: request.wants_stream(), at_most };
    Ok(serde_json::to_vec(&speech).expect("strings and numbers are JSON"))
}

fn line(message: Message) -> Line {
    let who = match message.role.as_str() {
        "system" | "developer" => "director",
        "assistant" => "brain",
        _ => "guest",
    };
    Line { who, says: message.content }
}

/// The fields that this vendor has no word for.
pub(crate) fn unsaid(request: &ChatRequest) -> Vec<Unsaid> {
    let keys = request.doc().keys().map(|key| String::from_utf8_lossy(&key).into_owned());
    keys.filter(|key| !SAID.contains(&key.as_str())).map(|key| Unsaid(key.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> ChatRequest {
        ChatRequest::parse(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn everybody_says_their_line() {
        let body = r#"{"model":"m","max_tokens":9,"messages":[
            {"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}"#;
        assert_eq!(
            String::from_utf8(speech("brain-1", &request(body)).unwrap()).unwrap(),
            r#"{"brain":"brain-1","lines":[{"who":"director","says":"be brief"},{"who":"guest","says":"hi"}],"live":false,"at_most":9}"#
        );
    }

    #[test]
    fn what_cannot_be_said_is_listed_or_refused() {
        let odd = request(r#"{"model":"m","messages":[{"role":"user","content":""}],"seed":1}"#);
        assert_eq!(unsaid(&odd), [Unsaid("seed".into())]);
        let parts = request(r#"{"model":"m","messages":[{"role":"user","content":[]}]}"#);
        assert_eq!(speech("b", &parts).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
