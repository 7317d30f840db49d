//! A chat request: the client's bytes, plus the few facts that routing needs.

use std::{borrow::Cow, ops::RangeInclusive, sync::OnceLock};

use ferro_wire::{FieldError, JsonDoc, Rope};
use serde::{Deserialize, Serialize};

use super::{metadata, parts};
use crate::{BadRequest, Speaker, Subject, surface::count_tokens};

/// Longer than any vendor's name of a model. A name goes into records and messages, which wait in
/// queues by the thousand.
const LONGEST_MODEL: usize = 2048;

/// A chat request.
///
/// Invariant: the facts agree with the document, because each edit goes through a method that
/// changes both.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    doc: JsonDoc,
    model: Box<str>,
    user: Option<Box<str>>,
    stream: bool,
    wants_usage: bool,
    max_output_tokens: Option<u64>,
    /// Invariant: what the texts of the document amount to, once somebody has asked.
    prompt_tokens: OnceLock<u64>,
}

impl ChatRequest {
    /// Understands a document as a chat request, or says which field is wrong.
    ///
    /// Only what the gateway acts on is looked at. Everything else is the upstream's to judge.
    pub fn new(doc: JsonDoc) -> Result<Self, BadRequest> {
        let model = field::<Box<str>>(&doc, "model")?.filter(|model| !model.is_empty());
        let model = model.ok_or_else(|| BadRequest::field("model", "model is required"))?;
        if model.len() > LONGEST_MODEL {
            let message = format!("model is longer than {LONGEST_MODEL} bytes");
            return Err(BadRequest::field("model", message));
        }
        check_messages(&doc)?;
        check_range(&doc, "temperature", 0.0..=2.0)?;
        check_range(&doc, "top_p", 0.0..=1.0)?;
        check_range(&doc, "presence_penalty", -2.0..=2.0)?;
        check_range(&doc, "frequency_penalty", -2.0..=2.0)?;
        let stream = field(&doc, "stream")?.unwrap_or(false);
        let options = field::<StreamOptions>(&doc, "stream_options")?.unwrap_or_default();
        let older = positive(&doc, "max_tokens")?;
        let newer = positive(&doc, "max_completion_tokens")?;
        let user = field(&doc, "user")?;
        let wants_usage = options.include_usage.unwrap_or(false);
        let (max_output_tokens, prompt_tokens) = (newer.or(older), OnceLock::new());
        Ok(Self { doc, model, user, stream, wants_usage, max_output_tokens, prompt_tokens })
    }

    /// Reads a chat request from a body that is here already.
    pub fn parse(body: impl Into<Rope>) -> Result<Self, BadRequest> {
        Self::new(JsonDoc::parse(body)?)
    }

    /// Says a request that the caller has as a value: a map, or a type of its own.
    ///
    /// ```
    /// use ferro_core::{Subject, chat::ChatRequest};
    /// let said = serde_json::json!({"role": "user", "content": "hi"});
    /// let request = ChatRequest::of(&serde_json::json!({"model": "fast", "messages": [said]}))?;
    /// assert_eq!(request.model(), "fast");
    /// # Ok::<(), ferro_core::BadRequest>(())
    /// ```
    pub fn of(value: &impl Serialize) -> Result<Self, BadRequest> {
        let body = serde_json::to_vec(value);
        Self::parse(body.map_err(|e| BadRequest::new(format!("it cannot be said in JSON: {e}")))?)
    }

    /// Every field, known or not.
    pub fn doc(&self) -> &JsonDoc {
        &self.doc
    }

    /// Whether the client asked for a usage event at the end of the stream.
    pub fn wants_usage(&self) -> bool {
        self.wants_usage
    }

    /// The same request, streamed or not.
    pub fn with_stream(mut self, stream: bool) -> Self {
        if self.stream != stream {
            self.doc.set("stream", &stream);
            self.stream = stream;
        }
        self
    }

    /// The request as an upstream of this dialect would receive it.
    pub fn to_rope(&self) -> Rope {
        self.doc.to_rope()
    }
}

impl Subject for ChatRequest {
    fn model(&self) -> &str {
        &self.model
    }

    fn set_model(&mut self, model: &str) {
        self.doc.set("model", &model);
        self.model = model.into();
    }

    fn wants_stream(&self) -> bool {
        self.stream
    }

    fn max_output_tokens(&self) -> Option<u64> {
        self.max_output_tokens
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, str>> {
        metadata::entry(self.doc.text("metadata")?, name)
    }

    fn prompt_tokens(&self) -> u64 {
        *self.prompt_tokens.get_or_init(|| count_tokens(self))
    }

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        for name in parts::FIELDS {
            let text = self.doc.text(name).unwrap_or_default();
            parts::visit(name, &text, &mut |speaker, text, _| see(speaker, text))?;
        }
        Ok(())
    }

    fn edit_texts(
        &mut self,
        edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        for name in parts::FIELDS {
            let text = self.doc.text(name).unwrap_or_default().into_owned();
            if let Some(edited) = parts::edit(name, &text, edit)? {
                self.doc.set_text(name, edited);
                self.prompt_tokens = OnceLock::new();
            }
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

fn field<T: serde::de::DeserializeOwned>(
    doc: &JsonDoc,
    name: &'static str,
) -> Result<Option<T>, BadRequest> {
    doc.get(name).map_err(|error: FieldError| BadRequest::field(name, error.to_string()))
}

fn check_messages(doc: &JsonDoc) -> Result<(), BadRequest> {
    const NAME: &str = "messages";
    let text = doc.text(NAME);
    let missing = || BadRequest::field(NAME, "at least one message is required");
    let text = text.filter(|text| **text != *b"null").ok_or_else(missing)?;
    // The grammar is checked already, so the first bytes tell an empty list from a list of objects;
    // what the messages hold is read by those who need it.
    match text.iter().filter(|byte| !byte.is_ascii_whitespace()).take(2).collect::<Vec<_>>()[..] {
        [b'[', b']'] => Err(missing()),
        [b'[', b'{'] => Ok(()),
        [b'[', _] => Err(BadRequest::field(NAME, "messages[0] must be an object with a role")),
        _ => Err(BadRequest::field(NAME, "messages must be an array of objects")),
    }
}

fn check_range(
    doc: &JsonDoc,
    name: &'static str,
    range: RangeInclusive<f64>,
) -> Result<(), BadRequest> {
    let Some(value) = field::<f64>(doc, name)? else { return Ok(()) };
    if range.contains(&value) {
        return Ok(());
    }
    let (low, high) = (range.start(), range.end());
    Err(BadRequest::field(name, format!("{name} must be between {low} and {high}, not {value}")))
}

fn positive(doc: &JsonDoc, name: &'static str) -> Result<Option<u64>, BadRequest> {
    match field::<i64>(doc, name)? {
        None => Ok(None),
        Some(value) => match u64::try_from(value) {
            Ok(value) if value > 0 => Ok(Some(value)),
            _ => Err(BadRequest::field(name, format!("{name} must be positive, not {value}"))),
        },
    }
}

/// A document that is known to be valid, taken apart one level deeper.
pub(super) fn raw<'a, T: Deserialize<'a>>(
    name: &'static str,
    text: &'a [u8],
) -> Result<T, BadRequest> {
    serde_json::from_slice(text).map_err(|error| {
        BadRequest::field(name, format!("{name} does not have the expected shape: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> BadRequest {
        ChatRequest::parse(body.to_owned().into_bytes()).unwrap_err()
    }

    #[test]
    fn a_wrong_field_is_named() {
        let long = format!(r#"{{"model":"{}","messages":[{{}}]}}"#, "m".repeat(2049));
        let cases = [
            (r#"{"messages":[{}]}"#, "model"),
            (r#"{"model":5,"messages":[{}]}"#, "model"),
            (long.as_str(), "model"),
            (r#"{"model":"m"}"#, "messages"),
            (r#"{"model":"m","messages":[]}"#, "messages"),
            (r#"{"model":"m","messages":"hi"}"#, "messages"),
            (r#"{"model":"m","messages":["hi"]}"#, "messages"),
            (r#"{"model":"m","messages":[{}],"stream":"yes"}"#, "stream"),
            (r#"{"model":"m","messages":[{}],"temperature":3}"#, "temperature"),
            (r#"{"model":"m","messages":[{}],"max_tokens":0}"#, "max_tokens"),
            (
                r#"{"model":"m","messages":[{}],"max_completion_tokens":-1}"#,
                "max_completion_tokens",
            ),
        ];
        for (body, param) in cases {
            let bad = refused(body);
            assert_eq!(bad.param.as_deref(), Some(param), "{body}: {bad}");
            assert!(bad.message.len() < 200, "{bad}");
            assert!(
                bad.message.contains(param) || bad.message.contains("message"),
                "{body}: {bad}"
            );
        }
    }

    #[test]
    fn renaming_the_model_changes_only_the_model() {
        let body = r#"{ "seed":12345678901234567890123,"a":1e2, "model" : "fast","messages":[{}]}"#;
        let mut request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        request.set_model("gpt-4o-mini");
        let sent = request.to_rope().to_bytes();
        assert_eq!(sent, body.replace("\"fast\"", "\"gpt-4o-mini\"").as_bytes());
    }

    #[test]
    fn texts_are_seen_with_their_speaker_and_edited_in_place() {
        let body = r#"{"model":"m","messages":[{"role":"system","content":"be brief"},
            {"role":"user","content":[{"type":"text","text":"a secret"},{"type":"x","y": 1e2}]}]}"#;
        let mut request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        let mut seen = Vec::new();
        request.texts(&mut |speaker, text| seen.push((speaker, text.to_owned()))).unwrap();
        assert_eq!(seen[0], (Speaker::System, "be brief".into()));
        assert_eq!(seen[1], (Speaker::User, "a secret".into()));
        request
            .edit_texts(&mut |_, text| text.contains("secret").then(|| "a ***".to_owned()))
            .unwrap();
        let sent = request.to_rope().to_bytes();
        assert_eq!(sent, body.replace("a secret", "a ***").as_bytes());
    }

    #[test]
    fn tokens_are_counted_once_and_again_after_an_edit() {
        let said = "a".repeat(400);
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{said}"}}]}}"#);
        let mut request = ChatRequest::parse(body.into_bytes()).unwrap();
        assert_eq!((request.prompt_tokens(), request.prompt_tokens()), (101, 101));
        request.edit_texts(&mut |_, _| Some("b".repeat(40))).unwrap();
        assert_eq!(request.prompt_tokens(), 11);
    }

    #[test]
    fn nothing_that_a_model_reads_is_hidden_from_policy() {
        let messages = [
            r#"{"content":"bad"}"#,
            r#"{"content":"bad","role":null}"#,
            r#"{"content":"b\u0061d"}"#,
            r#"{"content":"bad\ud83d"}"#,
            r#"{"content":{"text":"bad"}}"#,
            r#"{"content":[{"type":"tool_result","content":[{"text":"bad"}]}]}"#,
            r#"{"role":"assistant","reasoning_content":"bad"}"#,
            r#"{"role":"assistant","reasoning":"bad"}"#,
            r#"{"role":"assistant","refusal":"bad","content":null}"#,
            r#"{"role":"assistant","tool_calls":[{"function":{"arguments":"bad"}}]}"#,
            r#"{"role":"assistant","tool_calls":[{"custom":{"input":"bad"}}]}"#,
            r#"{"role":"assistant","function_call":{"arguments":"bad"}}"#,
        ];
        let messages =
            messages.map(|message| format!(r#""messages":[{{"content":""}},{message}]"#));
        let fields = [
            r#""tools":[{"function":{"parameters":{"properties":{"x":{"description":"bad"}}}}}]"#,
            r#""tools":[{"function":{"name":"bad"}}]"#,
            r#""functions":[{"description" : "bad"}]"#,
            r#""response_format":{"json_schema":{"schema":{"enum":["ok","bad"]}}}"#,
            r#""prediction":{"type":"content","content":"bad"}"#,
        ];
        let fields = fields.map(|field| format!(r#""messages":[{{}}],{field}"#));
        for fields in messages.iter().chain(&fields) {
            let body = format!(r#"{{"model":"m",{fields}}}"#);
            let mut request = ChatRequest::parse(body.clone().into_bytes()).unwrap();
            let mut has_seen = false;
            request.texts(&mut |_, text| has_seen |= text.starts_with("bad")).unwrap();
            assert!(has_seen, "{body}");
            let edit = |text: &str| text.starts_with("bad").then(|| "\"good\"".to_owned());
            request.edit_texts(&mut |_, text| edit(text)).unwrap();
            let sent = request.to_rope().to_bytes();
            let sent = std::str::from_utf8(&sent).unwrap();
            assert!(JsonDoc::parse(sent.as_bytes().to_vec()).is_ok(), "{sent}");
            assert!(!sent.contains("bad") && sent.contains(r#""\"good\"""#), "{sent}");
        }
    }

    #[test]
    fn a_message_that_two_readers_would_read_differently_cannot_be_inspected() {
        let body = r#"{"model":"m","messages":[{"content":"a","cont\u0065nt":"b"}]}"#;
        let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        let bad = request.texts(&mut |_, _| ()).unwrap_err();
        assert!(bad.message.contains("duplicate field `content`"), "{bad}");
    }
}
