//! A chat request: the client's bytes, plus the few facts that routing needs.

mod nothing;

use std::{borrow::Cow, sync::OnceLock};

use ferro_wire::{JsonDoc, Rope};
use serde::{Deserialize, Serialize};

use super::{metadata, parts};
use crate::{
    BadRequest, Speaker, Subject,
    fields::{self, check_messages, check_range, field, positive},
    surface::count_tokens,
};

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
        let model = fields::model(&doc)?;
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

    fn document(&self) -> Option<&JsonDoc> {
        Some(&self.doc)
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

impl fields::Kind for StreamOptions {
    const IS: &'static str = "an object in which include_usage is a boolean";
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
mod tests;
