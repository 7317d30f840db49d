//! The tree, read by serde-saphyr with the place of every key and value.

use std::{fmt, ops::Range};

use figment::value::{Dict, Empty, Tag, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// Bytes of the text.
pub(crate) type Span = Range<usize>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Where it stands; where it is referred to, if it is written elsewhere (`*alias`).
    pub(crate) span: Span,
    /// Where it is written.
    pub(crate) typed: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Negative(i64),
    Natural(u64),
    Float(f64),
    Text(String),
    /// With the place that each element has in the file, which stays when others are removed.
    List(Vec<(usize, Node)>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

impl Node {
    /// The value as figment holds it.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Empty(Tag::Default, Empty::Unit),
            Kind::Bool(value) => (*value).into(),
            Kind::Negative(value) => (*value).into(),
            Kind::Natural(value) => (*value).into(),
            Kind::Float(value) => (*value).into(),
            Kind::Text(value) => value.as_str().into(),
            Kind::List(items) => items.iter().map(|(_, n)| n.to_value()).collect::<Vec<_>>().into(),
            Kind::Map(entries) => Value::Dict(Tag::Default, to_dict(entries)),
        }
    }
}

/// Keys as figment holds them.
pub(crate) fn to_dict(entries: &[Entry]) -> Dict {
    entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value())).collect()
}

impl From<Spanned<Kind>> for Node {
    fn from(spanned: Spanned<Kind>) -> Self {
        let (span, typed) = (span(spanned.referenced), span(spanned.defined));
        Self { kind: spanned.value, span, typed }
    }
}

/// The parser gives bytes for everything that it has read; were they missing, the start of the file
/// would be pointed at.
fn span(location: Location) -> Span {
    let whole = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let start = whole(location.span().byte_offset());
    start..start + whole(location.span().byte_len())
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(u64::try_from(value).map_or(Kind::Negative(value), Kind::Natural))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Natural(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Kind>>()? {
            list.push((list.len(), item.into()));
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Kind>>()? {
            let key_span = span(key.referenced);
            map.push(Entry { key: key.value, key_span, value: value.into() });
        }
        Ok(Kind::Map(map))
    }
}
