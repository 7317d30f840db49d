//! One entry of a request's metadata, found when a rule asks for it: the rest is not taken apart.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Text, walk};

/// The entry of that name in a JSON object: a string's text, and a number or a boolean as it is
/// written. Of two entries of one name the last counts, as for most readers.
pub(crate) fn entry<'a>(json: Cow<'a, [u8]>, name: &str) -> Option<Cow<'a, str>> {
    match json {
        Cow::Borrowed(json) => find(json, name),
        Cow::Owned(json) => find(&json, name).map(|value| Cow::Owned(value.into_owned())),
    }
}

fn find<'a>(json: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let value = Entry(name).deserialize(&mut serde_json::Deserializer::from_slice(json)).ok()??;
    match value.get().as_bytes().first()? {
        b'"' => walk::text(value.get()),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(value.get())),
    }
}

/// Looks for an entry by its name.
struct Entry<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = entries.next_key::<Text<'de>>()? {
            if name.0 == self.0 {
                found = Some(entries.next_value()?);
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"tier":"gold","deep":{"tier":"iron"},"n":12345678901234567890,
        "t\u0065am":"caf\u00e9","yes":true,"none":null,"list":["a"],"twice":"a","twice":"b"}"#;

    #[test]
    fn an_entry_is_found_by_name_and_read_as_text() {
        for (name, value) in [
            ("tier", Some("gold")),
            ("team", Some("café")),
            ("n", Some("12345678901234567890")),
            ("yes", Some("true")),
            ("twice", Some("b")),
            ("deep", None),
            ("list", None),
            ("none", None),
            ("", None),
            ("Tier", None),
        ] {
            assert_eq!(entry(Cow::Borrowed(JSON.as_bytes()), name).as_deref(), value, "{name}");
            let owned = entry(Cow::Owned(JSON.as_bytes().to_vec()), name);
            assert_eq!(owned.as_deref(), value, "{name}");
        }
    }

    #[test]
    fn a_plain_text_is_not_copied() {
        let found = entry(Cow::Borrowed(JSON.as_bytes()), "tier");
        assert!(matches!(found, Some(Cow::Borrowed("gold"))));
    }

    #[test]
    fn metadata_that_is_no_object_has_no_entry() {
        for json in ["null", "[]", "\"tier\"", "5", "{\"tier\"", ""] {
            assert_eq!(entry(Cow::Borrowed(json.as_bytes()), "tier"), None, "{json}");
        }
    }
}
