//! A reply in one piece.

use ferro_wire::write_string;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::RawValue;

use super::{Said, said::WholeMessage, usage::Counts};
use crate::{Finish, Usage, chat::ChatResponse};

/// What a reply says before it says anything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReplyHead {
    /// The reply's name.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// Who made it.
    pub model: String,
}

/// One of the answers in a reply.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// Which one.
    pub index: u32,
    /// What it says.
    pub said: Said<'a>,
    /// The probabilities of its words.
    pub logprobs: Option<&'a RawValue>,
    /// Why it stopped.
    pub finish: Option<Finish>,
    /// Why it stopped, in the vendor's own word.
    pub native_finish: Option<&'a str>,
}

impl ReplyHead {
    /// A reply of this name, made then by this model.
    pub fn new(id: impl Into<String>, created: u64, model: impl Into<String>) -> Self {
        Self { id: id.into(), created, model: model.into() }
    }

    /// The reply in one piece. `extra` are further members: what the vendor says beside.
    pub fn whole(
        &self,
        choices: &[Choice<'_>],
        usage: Option<Usage>,
        extra: &[(&str, &RawValue)],
    ) -> ChatResponse {
        let mut body = Vec::with_capacity(1 << 10);
        self.write(&mut body, "chat.completion");
        member(&mut body, "choices", choices);
        if let Some(usage) = &usage {
            member(&mut body, "usage", &Counts::from(usage));
        }
        for (name, json) in extra {
            member(&mut body, name, json);
        }
        body.push(b'}');
        let names_provider = extra.iter().any(|(name, _)| *name == "provider");
        let finish = choices.first().and_then(|choice| choice.finish);
        ChatResponse::new(body, usage, finish).with_provider_named(names_provider)
    }

    /// An object with the members that every reply begins with, left open.
    pub(super) fn write(&self, out: &mut Vec<u8>, object: &str) {
        out.extend_from_slice(b"{\"id\":");
        write_string(out, &self.id);
        out.extend_from_slice(b",\"object\":");
        write_string(out, object);
        member(out, "created", &self.created);
        out.extend_from_slice(b",\"model\":");
        write_string(out, &self.model);
    }
}

fn member(out: &mut Vec<u8>, name: &str, value: &(impl Serialize + ?Sized)) {
    out.push(b',');
    write_string(out, name);
    out.push(b':');
    serde_json::to_writer(out, value).expect("texts and counts are JSON, and memory takes them");
}

impl Serialize for Choice<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut choice = to.serialize_struct("Choice", 5)?;
        choice.serialize_field("index", &self.index)?;
        choice.serialize_field("message", &WholeMessage(&self.said))?;
        choice.serialize_field("logprobs", &self.logprobs)?;
        choice.serialize_field("finish_reason", &self.finish)?;
        if let Some(native) = self.native_finish {
            choice.serialize_field("native_finish_reason", native)?;
        }
        choice.end()
    }
}
