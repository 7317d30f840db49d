//! The few members of a reply that the gateway reads, each only where the wire has it.
//!
//! A member that stands twice is what stands there last, as most clients read it; one of another type
//! than the wire says is passed over, because the bytes pass anyway.

use std::{borrow::Cow, fmt, marker::PhantomData};

use ferro_core::Usage;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::finish::{self, Ending};
use crate::{Usages, usage};

/// An event of a stream, or a whole reply.
#[derive(Default)]
pub(super) struct Chunk<'a> {
    error: Option<&'a RawValue>,
    usage: Option<&'a RawValue>,
    x_groq: Option<&'a RawValue>,
    /// `None` where there is no such member.
    pub(super) choices: Option<Vec<Choice<'a>>>,
}

#[derive(Default)]
pub(super) struct Choice<'a> {
    index: Option<&'a RawValue>,
    finish_reason: Option<&'a RawValue>,
    usage: Option<&'a RawValue>,
}

impl Chunk<'_> {
    pub(super) fn choices(&self) -> &[Choice<'_>] {
        self.choices.as_deref().unwrap_or_default()
    }

    pub(super) fn has_usage(&self) -> bool {
        self.usage.is_some()
    }

    /// Some say with every chunk that there is no error.
    pub(super) fn says_error(&self) -> bool {
        self.error.is_some_and(|error| {
            let said: String = error.get().split_ascii_whitespace().collect();
            !matches!(said.as_str(), "\"\"" | "{}" | "[]" | "0" | "false")
        })
    }

    pub(super) fn is_usage_only(&self) -> bool {
        self.has_usage() && self.choices().is_empty()
    }

    /// The reply's own count; or its choice's, as one vendor has it, or the one that another vendor
    /// keeps with what is its own.
    pub(super) fn usage(&self, convention: Usages) -> Option<Usage> {
        let read = |raw: &RawValue| usage::read(raw.get().as_bytes(), convention);
        let of_choices = || self.choices().iter().find_map(|choice| read(choice.usage?));
        let of_groq = || {
            let own: Own<'_> = serde_json::from_str(self.x_groq?.get()).ok()?;
            read(own.usage?)
        };
        self.usage.and_then(read).or_else(of_choices).or_else(of_groq)
    }
}

impl Choice<'_> {
    pub(super) fn index(&self) -> u32 {
        self.index.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }

    pub(super) fn ending(&self) -> Option<Ending> {
        let word: Cow<'_, str> = serde_json::from_str(self.finish_reason?.get()).ok()?;
        finish::read(&word)
    }
}

#[derive(Deserialize)]
struct Own<'a> {
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
}

/// The names of all members that are read.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    Error,
    Usage,
    XGroq,
    Choices,
    Index,
    FinishReason,
    #[serde(other)]
    Other,
}

/// An object of which some members are read.
trait Members<'a>: Default {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error>;
}

impl<'a> Members<'a> for Chunk<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Error => self.error = of.next_value()?,
            Name::Usage => self.usage = of.next_value()?,
            Name::XGroq => self.x_groq = of.next_value()?,
            Name::Choices => self.choices = of.next_value()?,
            _ => drop(of.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'a> Members<'a> for Choice<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Index => self.index = of.next_value()?,
            Name::FinishReason => self.finish_reason = of.next_value()?,
            Name::Usage => self.usage = of.next_value()?,
            _ => drop(of.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Chunk<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Choice<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object(PhantomData))
    }
}

/// Reads an object member by member. What serde derives would refuse one that stands twice.
struct Object<T>(PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        while let Some(name) = map.next_key::<Name>()? {
            object.member(&name, &mut map)?;
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Option<u64> {
        let chunk: Chunk<'_> = serde_json::from_str(text).unwrap();
        chunk.usage(Usages::Standard).map(|usage| usage.prompt_tokens)
    }

    #[test]
    fn a_count_counts_only_where_the_wire_has_it() {
        let usage = r#""usage":{"prompt_tokens":3}"#;
        for text in [
            format!("{{{usage}}}"),
            format!(r#"{{"usage":null,"choices":[{{}},{{{usage}}}]}}"#),
            format!(r#"{{"usage":null,"x_groq":{{"id":"r",{usage}}}}}"#),
            format!(r#"{{{usage},"choices":[{{"usage":{{"prompt_tokens":9}}}}]}}"#),
            format!(r#"{{"usage":{{"prompt_tokens":9}},{usage}}}"#),
        ] {
            assert_eq!(counted(&text), Some(3), "{text}");
        }
        for text in [
            format!(r#"{{"metadata":{{{usage}}}}}"#),
            format!(r#"{{"choices":[{{"message":{{{usage}}}}}]}}"#),
            format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{{{usage}}}]}}}}]}}"#),
            format!(r#"{{"list":[{{{usage}}}],"x_groq":5}}"#),
        ] {
            assert_eq!(counted(&text), None, "{text}");
        }
    }

    #[test]
    fn a_member_of_another_type_hides_no_other() {
        let text = r#"{"error":false,"usage":{"prompt_tokens":3},"choices":[{"index":"one","finish_reason":7},{"index":2,"finish_reason":"st\u006fp","finish_reason":"length"}]}"#;
        let chunk: Chunk<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(counted(text), Some(3));
        let read: Vec<_> = chunk.choices().iter().map(|c| (c.index(), c.ending())).collect();
        assert_eq!(read, [(0, None), (2, Some(Ending::Finish(ferro_core::Finish::Length)))]);
    }

    #[test]
    fn nothing_is_no_error() {
        for (error, says) in [("null", false), ("{ }", false), ("[]", false), ("\"x\"", true)] {
            let text = format!(r#"{{"error":{error}}}"#);
            let chunk: Chunk<'_> = serde_json::from_str(&text).unwrap();
            assert_eq!(chunk.says_error(), says, "{error}");
        }
    }
}
