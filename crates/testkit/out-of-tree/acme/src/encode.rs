//! A chat request in this vendor's words.

use ferro_core::{
    ErrorKind, ProviderError, Subject, Unsaid,
    chat::{ChatRequest, Content, Message, Role, Source},
};
use serde::Serialize;

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

/// The body for `brain`.
pub(crate) fn speech(brain: &str, request: &ChatRequest) -> Result<Vec<u8>, ProviderError> {
    let source = Source::of(request);
    let messages = source.messages()?;
    let lines = messages.iter().enumerate().map(line).collect::<Result<_, _>>()?;
    let at_most = request.max_output_tokens();
    let speech = Speech { brain, lines, live: request.wants_stream(), at_most };
    Ok(serde_json::to_vec(&speech).expect("strings and numbers are JSON"))
}

fn line((at, message): (usize, &Message<'_>)) -> Result<Line, ProviderError> {
    let who = match message.role() {
        Some(Role::System) => "director",
        Some(Role::Assistant) => "brain",
        _ => "guest",
    };
    let parts = message.content.as_ref().map(Content::parts).unwrap_or_default();
    if let Some(place) = parts.iter().position(|part| part.kind() != "text") {
        let kind = parts[place].kind();
        let told = format!("messages[{at}].content[{place}] is `{kind}`: this vendor takes text");
        return Err(ProviderError::new(ErrorKind::Unsupported).with_message(told));
    }
    let says = message.content.iter().flat_map(Content::texts).collect();
    Ok(Line { who, says })
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
        let image =
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#;
        let error = speech("b", &request(image)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().unwrap().starts_with("messages[0].content[0] is `image_url`"));
    }
}
