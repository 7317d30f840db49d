//! JSON with the text of its numbers, for comparisons that must not round.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::value::RawValue;

/// A JSON value. Numbers are equal if they are written alike; the order of members does not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Tree {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let raw: &RawValue = serde_json::from_slice(json)
            .map_err(|error| format!("not JSON ({error}): {}", String::from_utf8_lossy(json)))?;
        Self::read(raw).map_err(|error| error.to_string())
    }

    fn read(raw: &RawValue) -> serde_json::Result<Self> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Bool(text == "true"),
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                Self::List(items.into_iter().map(Self::read).collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
                let read = |(name, value)| Ok((name, Self::read(value)?));
                Self::Object(members.into_iter().map(read).collect::<serde_json::Result<_>>()?)
            }
            _ => Self::Number(text.to_owned()),
        })
    }

    /// Whether `is` holds for this value or any inside it.
    pub(crate) fn any(&self, is: &mut dyn FnMut(&Self) -> bool) -> bool {
        is(self)
            || match self {
                Self::List(items) => items.iter().any(|item| item.any(is)),
                Self::Object(members) => members.values().any(|value| value.any(is)),
                _ => false,
            }
    }

    /// Whether a member `name` with exactly this value stands anywhere inside, also in a document that
    /// stands there in base64.
    pub(crate) fn has_member(&self, name: &str, value: &Self) -> bool {
        self.any(&mut |tree| match tree {
            Self::Object(members) => members.get(name) == Some(value),
            Self::Text(text) => {
                let inner = STANDARD.decode(text).ok().and_then(|json| Self::parse(&json).ok());
                inner.is_some_and(|inner| inner.has_member(name, value))
            }
            _ => false,
        })
    }

    /// Says where two values differ first.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        match (self, other) {
            _ if self == other => None,
            (Self::Object(ours), Self::Object(theirs)) => {
                let names = ours.keys().chain(theirs.keys());
                let mut parts = names.filter(|name| ours.get(*name) != theirs.get(*name));
                let name = parts.next()?;
                match (ours.get(name), theirs.get(name)) {
                    (Some(a), Some(b)) => Some(format!(".{name}{}", a.difference(b)?)),
                    (Some(_), None) => Some(format!(".{name} is missing")),
                    _ => Some(format!(".{name} is not expected")),
                }
            }
            (Self::List(ours), Self::List(theirs)) if ours.len() == theirs.len() => {
                let mut pairs = ours.iter().zip(theirs).enumerate();
                pairs.find_map(|(at, (a, b))| Some(format!("[{at}]{}", a.difference(b)?)))
            }
            _ => Some(format!(": expected {self:?}, got {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> Tree {
        Tree::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn numbers_are_their_text_and_order_does_not_count() {
        assert_eq!(tree(r#"{"a":1e2,"b":[null,true]}"#), tree(r#"{"b":[ null,true], "a":1e2}"#));
        assert_ne!(tree("100"), tree("1e2"));
        assert_ne!(tree("12345678901234567890123"), tree("12345678901234567890124"));
    }

    #[test]
    fn a_difference_is_named_by_its_path() {
        let difference = |a, b| tree(a).difference(&tree(b));
        assert_eq!(difference(r#"{"a":[{"b":1}]}"#, r#"{"a":[{"b":1}]}"#), None);
        let text = difference(r#"{"a":[{"b":1}]}"#, r#"{"a":[{"b":2}]}"#).unwrap();
        assert!(text.starts_with(".a[0].b: expected"), "{text}");
        assert_eq!(difference(r#"{"a":1}"#, "{}").unwrap(), ".a is missing");
        assert_eq!(difference("{}", r#"{"a":1}"#).unwrap(), ".a is not expected");
    }

    #[test]
    fn a_member_is_found_at_any_depth() {
        assert!(tree(r#"[{"x":{"y":1.0}}]"#).has_member("y", &tree("1.0")));
        assert!(!tree(r#"[{"x":{"y":1.0}}]"#).has_member("y", &tree("1")));
        let inside = STANDARD.encode(r#"{"y":1.0}"#);
        assert!(Tree::Text(inside).has_member("y", &tree("1.0")));
    }
}
