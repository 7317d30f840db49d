//! A chat reply in one piece.

use std::sync::LazyLock;

use bytes::Bytes;
use ferro_wire::{JsonDoc, Rope, append_member, write_string};
use memchr::memmem::Finder;
use serde::Deserialize;

use super::choices::{edit_choices, finish_of, see_choices};
use crate::{Delta, Finish, Malformed, Usage, Whole};

/// A complete chat reply: the body for the client, byte for byte the upstream's where it speaks this
/// dialect, and what was learnt from it.
#[derive(Clone, Debug)]
pub struct ChatResponse {
    body: Rope,
    usage: Option<Usage>,
    finish: Option<Finish>,
    /// `None` until somebody has looked.
    names_provider: Option<bool>,
}

impl ChatResponse {
    /// A reply whose body, usage and finish are known.
    pub fn new(body: impl Into<Rope>, usage: Option<Usage>, finish: Option<Finish>) -> Self {
        Self { body: body.into(), usage, finish, names_provider: None }
    }

    /// The same, where it is known whether the body names a provider of its own: who has read the
    /// reply spares the next one the looking.
    pub fn with_provider_named(self, is_named: bool) -> Self {
        Self { names_provider: Some(is_named), ..self }
    }

    /// The body for the client.
    pub fn body(&self) -> &Rope {
        &self.body
    }

    /// The body as a type of the caller's choosing.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body.to_bytes())
    }
}

impl Whole for ChatResponse {
    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }

    fn finish(&self) -> Option<Finish> {
        self.finish
    }

    /// An upstream that names a provider of its own keeps it: a reply does not say one name twice.
    fn attribute(&mut self, target: &str) {
        if self.names_provider.unwrap_or_else(|| has_provider(&self.body)) {
            return;
        }
        let mut name = Vec::with_capacity(target.len() + 2);
        write_string(&mut name, target);
        if let Some(body) = append_member(&self.body, "provider", &name) {
            self.body = body;
            self.names_provider = Some(true);
        }
    }

    fn as_delta(&mut self) -> Option<&mut dyn Delta> {
        Some(self)
    }

    fn replay(body: Rope) -> Self {
        let bytes = body.to_bytes();
        let finish = first_finish(&bytes);
        Self { body, usage: None, finish, names_provider: None }
    }

    fn into_body(self) -> Rope {
        self.body
    }
}

impl Delta for ChatResponse {
    fn read(event: Bytes) -> Result<Self, Malformed> {
        Ok(Self::replay(event.into()))
    }

    fn write(self) -> Bytes {
        self.body.to_bytes()
    }

    fn texts(&self, see: &mut dyn FnMut(u32, &str)) {
        see_choices(&self.body.to_bytes(), see);
    }

    fn edit_texts(&mut self, edit: &mut dyn FnMut(u32, &str) -> Option<String>) {
        if let Some(edited) = edit_choices(&self.body.to_bytes(), edit) {
            self.body = edited.into();
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }

    fn finish(&self, choice: u32) -> Option<Finish> {
        finish_of(&self.body.to_bytes(), choice)
    }
}

/// Replies are not parsed, but for the few in which the name can be found at all.
fn has_provider(body: &Rope) -> bool {
    /// Set up once: that takes longer than to search a short reply.
    static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"provider\""));
    NAME.find(&body.to_bytes()).is_some()
        && JsonDoc::parse(body.clone()).is_ok_and(|doc| doc.contains("provider"))
}

#[derive(Deserialize)]
struct Finished {
    #[serde(default)]
    choices: Vec<FinishOnly>,
}

#[derive(Deserialize)]
struct FinishOnly {
    #[serde(default)]
    finish_reason: Option<Finish>,
}

fn first_finish(body: &[u8]) -> Option<Finish> {
    serde_json::from_slice::<Finished>(body).ok()?.choices.first()?.finish_reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_gains_a_provider_unless_it_has_one() {
        let attributed = |body: &'static str| {
            let mut reply = ChatResponse::new(Bytes::from(body), None, None);
            reply.attribute("t");
            reply.into_body().to_bytes()
        };
        assert_eq!(attributed(r#"{"id":"1"}"#), r#"{"id":"1","provider":"t"}"#);
        let own = r#"{"provider":"Groq","id":"1"}"#;
        assert_eq!(attributed(own), own);
        let nested = r#"{"x":{"provider":"Groq"}}"#;
        assert_eq!(attributed(nested), r#"{"x":{"provider":"Groq"},"provider":"t"}"#);
    }
}
