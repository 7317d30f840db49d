//! Tokens counted before anything is asked: Anthropic's request as `InvokeModel` would take it, inside
//! `CountTokens`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, ProviderError,
    document::{CountTokens, DocumentReply, in_one_piece},
};
use ferro_wire::{JsonDoc, Rope};
use serde::Deserialize;

use crate::{decode::malformed, refusal};

/// A body in Anthropic's words as the service takes it: in base64, without the model, which the path names.
/// `InvokeModel` does not go without a ceiling, which has to be above what is thought.
pub(crate) fn said(body: Rope) -> Result<Rope, ProviderError> {
    #[derive(Deserialize)]
    struct Thinking {
        #[serde(default)]
        budget_tokens: u64,
    }
    let mut doc = JsonDoc::parse(body)
        .map_err(|error| ProviderError::new(ErrorKind::Invalid).with_message(error.to_string()))?;
    doc.remove("model");
    if !doc.contains("max_tokens") {
        let thinking = doc.get::<Thinking>("thinking").ok().flatten();
        doc.set("max_tokens", &thinking.map_or(1, |it| it.budget_tokens.saturating_add(1)));
    }
    let body = STANDARD.encode(doc.to_rope().to_bytes());
    Ok(format!(r#"{{"input":{{"invokeModel":{{"body":"{body}"}}}}}}"#).into_bytes().into())
}

/// Reads the count, and says it in Anthropic's words. What is counted is not used, so there is no usage.
pub(crate) fn decoder() -> Box<dyn Decoder<CountTokens>> {
    in_one_piece(|_, body| counted(&body))
}

fn counted(body: &Bytes) -> Result<DocumentReply<CountTokens>, ProviderError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Counted {
        input_tokens: u64,
    }
    let read = serde_json::from_slice::<Counted>(body);
    let Counted { input_tokens } = read.map_err(|error| {
        // What is no count may be an error in AWS's words.
        let other = malformed("the reply is no count of tokens", error);
        refusal::in_success(body).unwrap_or(other)
    })?;
    let body = format!(r#"{{"input_tokens":{input_tokens}}}"#);
    Ok(DocumentReply::new(body.into_bytes(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the service is given to count.
    fn given(body: &str) -> String {
        let said = said(Rope::from(body.as_bytes().to_vec())).unwrap().to_bytes();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        let body = said["input"]["invokeModel"]["body"].as_str().unwrap();
        String::from_utf8(STANDARD.decode(body).unwrap()).unwrap()
    }

    #[test]
    fn what_is_counted_is_what_would_be_asked() {
        assert_eq!(
            given(r#"{"model":"m","messages":[], "x":1e2}"#),
            r#"{"messages":[], "x":1e2,"max_tokens":1}"#
        );
        let thinking = r#"{"thinking":{"type":"enabled","budget_tokens":2048}}"#;
        assert!(given(thinking).ends_with(r#""max_tokens":2049}"#));
        assert!(given(r#"{"thinking":{"type":"adaptive"}}"#).ends_with(r#""max_tokens":1}"#));
        assert_eq!(given(r#"{"max_tokens":7}"#), r#"{"max_tokens":7}"#);
    }
}
