//! A reply that is a document, and passes as it came.

use std::marker::PhantomData;

use bytes::Bytes;
use ferro_wire::{Rope, splice};
use http::HeaderValue;

use super::{Says, texts};
use crate::{Delta, Finish, Malformed, Thing, Usage, Whole};

/// A complete reply of the form `F`: the body for the client, and what was learnt from it.
#[derive(Clone, Debug)]
pub struct DocumentReply<F> {
    body: Rope,
    usage: Option<Usage>,
    finish: Option<Finish>,
    made: Option<Box<[Thing]>>,
    /// JSON if `None`; anything else is one text, or none where the surface says no texts.
    content_type: Option<HeaderValue>,
    form: PhantomData<fn() -> F>,
}

impl<F: Says> DocumentReply<F> {
    /// A reply whose body and usage are known.
    pub fn new(body: impl Into<Rope>, usage: Option<Usage>) -> Self {
        let (body, finish, made, content_type) = (body.into(), None, None, None);
        Self { body, usage, finish, made, content_type, form: PhantomData }
    }

    /// The same as a text of this content type, and no JSON.
    pub fn with_content_type(self, content_type: HeaderValue) -> Self {
        Self { content_type: Some(content_type), ..self }
    }

    /// The same, where it is known why the model stopped.
    pub fn with_finish(self, finish: Option<Finish>) -> Self {
        Self { finish, ..self }
    }

    /// The same, where it says that something was made that the upstream keeps.
    pub fn with_made(self, made: impl IntoIterator<Item = Thing>) -> Self {
        let made: Box<[_]> = made.into_iter().collect();
        Self { made: (!made.is_empty()).then_some(made), ..self }
    }

    /// The body for the client.
    pub fn body(&self) -> &Rope {
        &self.body
    }

    /// The body as a type of the caller's choosing.
    ///
    /// # Errors
    ///
    /// Where it is not of that type.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body.to_bytes())
    }
}

impl<F: Says> Whole for DocumentReply<F> {
    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }

    fn finish(&self) -> Option<Finish> {
        self.finish
    }

    fn made(&self) -> &[Thing] {
        self.made.as_deref().unwrap_or_default()
    }

    fn content_type(&self) -> HeaderValue {
        let json = || HeaderValue::from_static("application/json");
        self.content_type.clone().unwrap_or_else(json)
    }

    fn as_delta(&mut self) -> Option<&mut dyn Delta> {
        Some(self)
    }

    fn replay(body: Rope) -> Self {
        Self::new(body, None)
    }

    fn into_body(self) -> Rope {
        self.body
    }
}

impl<F: Says> Delta for DocumentReply<F> {
    fn read(event: Bytes) -> Result<Self, Malformed> {
        Ok(Self::new(event, None))
    }

    fn write(self) -> Bytes {
        self.body.to_bytes()
    }

    fn texts(&self, see: &mut dyn FnMut(u32, &str)) {
        let body = self.body.to_bytes();
        let said = String::from_utf8_lossy(&body);
        match self.content_type {
            Some(_) if F::SAYS.is_empty() => {}
            Some(_) => see(0, &said),
            None => texts::told(F::SAYS, &said, &mut |choice, text, _| see(choice, text)),
        }
    }

    fn edit_texts(&mut self, edit: &mut dyn FnMut(u32, &str) -> Option<String>) {
        let body = self.body.to_bytes();
        let edited = match self.content_type {
            Some(_) if F::SAYS.is_empty() => None,
            Some(_) => edit(0, &String::from_utf8_lossy(&body)).map(Bytes::from),
            None => edited::<F>(&body, edit),
        };
        if let Some(edited) = edited {
            self.body = edited.into();
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.usage.clone()
    }

    fn finish(&self, _: u32) -> Option<Finish> {
        self.finish
    }
}

/// A reply, or an event's data, with texts replaced; `None` if nothing changed.
pub(super) fn edited<F: Says>(
    data: &[u8],
    edit: &mut dyn FnMut(u32, &str) -> Option<String>,
) -> Option<Bytes> {
    let json = String::from_utf8_lossy(data);
    let mut edits = Vec::new();
    texts::told(F::SAYS, &json, &mut |choice, text, range| {
        edits.extend(edit(choice, text).map(|new| (range, texts::quoted(&new))));
    });
    (!edits.is_empty()).then(|| splice(json.as_bytes(), edits))
}

#[cfg(test)]
mod tests {
    use super::super::{Completions, Embeddings};
    use super::*;

    #[test]
    fn policy_sees_what_a_reply_says_and_edits_that_alone() {
        let body = r#"{"id":"1","choices":[{"index":1,"text":"bad","logprobs":{"tokens":["bad"]}},{"text":"good"}]}"#;
        let mut reply = DocumentReply::<Completions>::new(Bytes::from(body), None);
        let mut seen = Vec::new();
        reply.texts(&mut |choice, text| seen.push((choice, text.to_owned())));
        assert_eq!(seen, [(1, "bad".to_owned()), (0, "good".to_owned())]);
        reply.edit_texts(&mut |_, text| (text == "bad").then(|| "b".to_owned()));
        assert_eq!(reply.write(), body.replace("\"text\":\"bad\"", "\"text\":\"b\""));
    }

    #[test]
    fn numbers_are_no_text() {
        let body = r#"{"data":[{"embedding":"AAAA","index":0}]}"#;
        let reply = DocumentReply::<Embeddings>::new(Bytes::from(body), None);
        reply.texts(&mut |_, text| panic!("{text}"));
    }
}
