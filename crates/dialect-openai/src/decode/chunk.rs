//! The few members of a reply that the gateway reads, each only where the wire has it.
//!
//! A member that stands twice is what stands there last, as most clients read it; one of another type
//! than the wire says is passed over, because the bytes pass anyway.

use std::{borrow::Cow, fmt, marker::PhantomData};

use ferro_core::{Finish, ServiceTier, Usage};
use ferro_wire::Walk;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::finish::{self, Ending};
use crate::{Usages, usage};

/// An event of a stream, or a whole reply.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Chunk<'a> {
    error: Option<&'a [u8]>,
    usage: Option<&'a [u8]>,
    x_groq: Option<&'a [u8]>,
    service_tier: Option<&'a [u8]>,
    /// `None` where there is no such member.
    pub(super) choices: Option<Choices<'a>>,
    /// Whether it names a provider of its own.
    pub(super) names_provider: bool,
}

/// Nearly always one.
pub(super) type Choices<'a> = SmallVec<[Choice<'a>; 1]>;

#[derive(Debug, Default, PartialEq)]
pub(super) struct Choice<'a> {
    index: Option<&'a [u8]>,
    finish_reason: Option<&'a [u8]>,
    usage: Option<&'a [u8]>,
}

impl<'a> Chunk<'a> {
    /// Reads an event's data, or a reply.
    pub(super) fn read(text: &'a [u8]) -> serde_json::Result<Self> {
        Self::walked(text).map_or_else(|| serde_json::from_slice(text), Ok)
    }

    /// Reads what is written as usual; `None` leaves it to serde.
    fn walked(text: &'a [u8]) -> Option<Self> {
        let (mut chunk, mut walk) = (Self::default(), Walk::new(text));
        walk.object(|name, walk| {
            match name {
                b"error" => walk.say(&mut chunk.error)?,
                b"usage" => walk.say(&mut chunk.usage)?,
                b"x_groq" => walk.say(&mut chunk.x_groq)?,
                b"service_tier" => walk.say(&mut chunk.service_tier)?,
                b"choices" if walk.is_at(b'[') => chunk.choices = Some(Choice::walked(walk)?),
                b"choices" => return None,
                b"provider" => {
                    chunk.names_provider = true;
                    walk.skip()?;
                }
                _ => walk.skip()?,
            }
            Some(())
        })?;
        walk.is_over().then_some(chunk)
    }
}

impl<'a> Choice<'a> {
    fn walked(walk: &mut Walk<'a>) -> Option<Choices<'a>> {
        let mut choices = Choices::new();
        walk.array(|walk| {
            let mut choice = Self::default();
            walk.object(|name, walk| {
                match name {
                    b"index" => walk.say(&mut choice.index)?,
                    b"finish_reason" => walk.say(&mut choice.finish_reason)?,
                    b"usage" => walk.say(&mut choice.usage)?,
                    _ => walk.skip()?,
                }
                Some(())
            })?;
            choices.push(choice);
            Some(())
        })?;
        Some(choices)
    }
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
            let said: Vec<u8> =
                error.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            !matches!(&*said, b"\"\"" | b"{}" | b"[]" | b"0" | b"false")
        })
    }

    pub(super) fn is_usage_only(&self) -> bool {
        self.has_usage() && self.choices().is_empty()
    }

    /// The reply's own count; or its choice's, as one vendor has it, or the one that another vendor
    /// keeps with what is its own.
    pub(super) fn usage(&self, convention: Usages) -> Option<Usage> {
        let read = |said: &[u8]| usage::read(said, convention);
        let of_choices = || self.choices().iter().find_map(|choice| read(choice.usage?));
        let of_groq = || {
            let own: Own<'_> = serde_json::from_slice(self.x_groq?).ok()?;
            read(own.usage?.get().as_bytes())
        };
        let usage = self.usage.and_then(read).or_else(of_choices).or_else(of_groq)?;
        Some(usage.at(self.service_tier.map_or(ServiceTier::Standard, usage::tier)))
    }
}

impl Choice<'_> {
    pub(super) fn index(&self) -> u32 {
        match self.index {
            Some(b"0") | None => 0,
            Some(said) => serde_json::from_slice(said).unwrap_or_default(),
        }
    }

    pub(super) fn ending(&self) -> Option<Ending> {
        let said = self.finish_reason?;
        if said == b"\"stop\"" {
            return Some(Ending::Finish(Finish::Stop)); // As nearly all end.
        }
        let word = said.strip_prefix(b"\"").and_then(|word| word.strip_suffix(b"\""));
        let word = word.filter(|word| !word.contains(&b'\\'));
        if let Some(word) = word.and_then(|word| std::str::from_utf8(word).ok()) {
            return finish::read(word);
        }
        let word: Cow<'_, str> = serde_json::from_slice(said).ok()?;
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
    ServiceTier,
    Choices,
    Provider,
    Index,
    FinishReason,
    #[serde(other)]
    Other,
}

/// A member's text; nothing where it is `null`.
fn said<'a, A: MapAccess<'a>>(of: &mut A) -> Result<Option<&'a [u8]>, A::Error> {
    Ok(of.next_value::<Option<&RawValue>>()?.map(|said| said.get().as_bytes()))
}

/// An object of which some members are read.
trait Members<'a>: Default {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error>;
}

impl<'a> Members<'a> for Chunk<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Error => self.error = said(of)?,
            Name::Usage => self.usage = said(of)?,
            Name::XGroq => self.x_groq = said(of)?,
            Name::ServiceTier => self.service_tier = said(of)?,
            Name::Choices => {
                self.choices = of.next_value::<Option<Vec<_>>>()?.map(Choices::from_vec);
            }
            Name::Provider => {
                self.names_provider = true;
                of.next_value::<IgnoredAny>()?;
            }
            _ => drop(of.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'a> Members<'a> for Choice<'a> {
    fn member<A: MapAccess<'a>>(&mut self, name: &Name, of: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Index => self.index = said(of)?,
            Name::FinishReason => self.finish_reason = said(of)?,
            Name::Usage => self.usage = said(of)?,
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
        let of = |chunk: Chunk<'_>| Some(chunk.usage(Usages::Standard)?.prompt_tokens);
        let counted = of(serde_json::from_str(text).unwrap());
        assert_eq!(of(Chunk::read(text.as_bytes()).unwrap()), counted, "{text}");
        counted
    }

    #[test]
    fn the_short_way_and_the_long_one_read_the_same() {
        for text in [
            r#"{"error":null,"choices":[{"index":1,"finish_reason":"stop"}],"usage":{"a":[1]}}"#,
            r#"{"choices":[{"finish_reason":"st\u006fp","index":2},{}],"choices":[],"x":"\n"}"#,
            r#"{"choices":null,"us\u0061ge":5,"x_groq":{"usage":{}}}"#,
            r#"{"provider":null,"choices":[{"provider":"x"}]}"#,
            r#"{"choices":[{"provider":"x"}],"x":{"provider":"x"},"prov\u0069der":{}}"#,
            r#"{"choices":5}"#,
            r#"{"choices":[5]}"#,
            r#"{"choices":[{"index":0]}"#,
            "[]",
            "{} {}",
        ] {
            let read = Chunk::read(text.as_bytes()).ok();
            assert_eq!(read, serde_json::from_str(text).ok(), "{text}");
        }
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
