//! What a model says, in the words of the chat wire: a message, or a piece of one.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::value::RawValue;

/// A message, or a piece of one. What is `None` or empty is not there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Whether this piece says that it is the assistant who speaks: the first of a stream does. A
    /// whole message says it anyway.
    pub begins: bool,
    /// What is said.
    pub content: Option<&'a str>,
    /// Why the model would not.
    pub refusal: Option<&'a str>,
    /// What it thought, for clients that show it.
    pub reasoning_content: Option<&'a str>,
    /// What it thought, with the vendor's seals, for clients that send it back.
    pub reasoning_details: &'a [Thought<'a>],
    /// The tools that it calls.
    pub tool_calls: &'a [SaidCall<'a>],
    /// What the words rest on, as the wire's list of annotations.
    pub annotations: Option<&'a RawValue>,
    /// Pictures that it made, as a list of parts of type `image_url`.
    pub images: Option<&'a RawValue>,
    /// Sound that it made.
    pub audio: Option<&'a RawValue>,
    /// What it says in blocks of the vendor's own, for which the wire has no word: a list, for
    /// clients that send it back.
    pub content_blocks: Option<&'a RawValue>,
}

/// A piece of what a model thought. Comes back as a [`Detail`](crate::chat::Detail).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Thought<'a> {
    #[serde(rename = "type")]
    named: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    format: &'a str,
    index: u32,
}

impl<'a> Thought<'a> {
    /// A thought in words, or a piece of its words, or its seal: `index` says which thought of the
    /// message, `format` whose seals these are. Of a stream's pieces only the first of each thought
    /// says so, and the others say nothing: clients put the texts of all pieces together.
    pub fn text(index: u32, format: &'a str, text: Option<&'a str>) -> Self {
        Self { named: "reasoning.text", text, format, index, ..Self::default() }
    }

    /// The same, with the vendor's seal.
    pub fn sealed(self, signature: Option<&'a str>) -> Self {
        Self { signature, ..self }
    }

    /// A thought that only the vendor can read.
    pub fn encrypted(index: u32, format: &'a str, data: &'a str) -> Self {
        Self { named: "reasoning.encrypted", data: Some(data), format, index, ..Self::default() }
    }

    /// The same, under the vendor's name for it.
    pub fn named(self, id: Option<&'a str>) -> Self {
        Self { id, ..self }
    }
}

/// A tool that the model calls, or a piece of such a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaidCall<'a> {
    /// Which call of the message it is: of streams only.
    pub index: Option<u32>,
    /// Its name; of a stream only the first piece has one.
    pub id: Option<&'a str>,
    /// What is called; of a stream only the first piece says so.
    pub name: Option<&'a str>,
    /// With what: JSON, or a piece of it.
    pub arguments: &'a str,
    /// What the vendor wants to have back with it.
    pub extra_content: Option<&'a RawValue>,
}

impl Serialize for SaidCall<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Function<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<&'a str>,
            arguments: &'a str,
        }
        let mut call = to.serialize_struct("SaidCall", 5)?;
        if let Some(index) = self.index {
            call.serialize_field("index", &index)?;
        }
        if let Some(id) = self.id {
            call.serialize_field("id", id)?;
            call.serialize_field("type", "function")?;
        }
        let function = Function { name: self.name, arguments: self.arguments };
        call.serialize_field("function", &function)?;
        if let Some(extra) = self.extra_content {
            call.serialize_field("extra_content", extra)?;
        }
        call.end()
    }
}

/// As a delta: what is not said is not there.
impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if self.begins {
            map.serialize_entry("role", "assistant")?;
        }
        if let Some(content) = self.content {
            map.serialize_entry("content", content)?;
        }
        if let Some(refusal) = self.refusal {
            map.serialize_entry("refusal", refusal)?;
        }
        self.rest(&mut map)?;
        map.end()
    }
}

/// What is said, as the message of a whole reply.
pub(super) struct WholeMessage<'a>(pub(super) &'a Said<'a>);

impl Serialize for WholeMessage<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("role", "assistant")?;
        map.serialize_entry("content", &self.0.content)?;
        map.serialize_entry("refusal", &self.0.refusal)?;
        self.0.rest(&mut map)?;
        map.end()
    }
}

impl Said<'_> {
    /// The members that messages and deltas have alike.
    fn rest<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(text) = self.reasoning_content {
            map.serialize_entry("reasoning_content", text)?;
        }
        if !self.reasoning_details.is_empty() {
            map.serialize_entry("reasoning_details", self.reasoning_details)?;
        }
        if !self.tool_calls.is_empty() {
            map.serialize_entry("tool_calls", self.tool_calls)?;
        }
        let raw = [
            ("annotations", self.annotations),
            ("images", self.images),
            ("audio", self.audio),
            ("content_blocks", self.content_blocks),
        ];
        raw.into_iter()
            .filter_map(|(name, json)| Some((name, json?)))
            .try_for_each(|(name, json)| map.serialize_entry(name, json))
    }
}
