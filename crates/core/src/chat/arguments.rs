//! A tool's arguments, for vendors that take an object where the chat wire has a string.
//!
//! One rule: a string that is a JSON object goes as it stands, byte for byte; one that says nothing
//! goes as `{}`; anything else, which no vendor would take, goes as `{"_raw": "<the string>"}`, and
//! such an object comes back as the string that it holds.

use std::borrow::Cow;

use ferro_wire::write_string;
use serde_json::value::RawValue;

use super::{Text, members::members};

/// Arguments as an object.
///
/// ```
/// use ferro_core::chat::arguments;
/// assert_eq!(arguments::to_object("{\"n\": 1e2}"), "{\"n\": 1e2}");
/// assert_eq!(arguments::to_object(""), "{}");
/// assert_eq!(arguments::to_object("[1"), r#"{"_raw":"[1"}"#);
/// ```
pub fn to_object(arguments: &str) -> Cow<'_, str> {
    let said = arguments.trim_ascii();
    if said.is_empty() {
        return Cow::Borrowed("{}");
    }
    if said.starts_with('{') && serde_json::from_str::<&RawValue>(said).is_ok() {
        return Cow::Borrowed(said);
    }
    let mut wrapped = b"{\"_raw\":".to_vec();
    write_string(&mut wrapped, arguments);
    wrapped.push(b'}');
    Cow::Owned(String::from_utf8(wrapped).expect("a text between brackets is a text"))
}

/// Arguments as a string, of an object that the vendor sent.
///
/// ```
/// use ferro_core::chat::arguments;
/// assert_eq!(arguments::from_object("{\"n\":1}"), "{\"n\":1}");
/// assert_eq!(arguments::from_object(r#"{"_raw":"[1"}"#), "[1");
/// ```
pub fn from_object(json: &str) -> Cow<'_, str> {
    members! {
        struct Wrapped<'a> {
            raw: Text<'a> = "_raw",
        }
    }
    let may_wrap = json.contains("\"_raw\"");
    let wrapped = may_wrap.then(|| serde_json::from_str::<Wrapped<'_>>(json).ok()).flatten();
    match wrapped {
        Some(Wrapped { raw: Some(raw), rest }) if rest.is_empty() => raw.0,
        _ => Cow::Borrowed(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_vendor_takes_survives_there_and_back() {
        for odd in ["[1,2]", "7", "\"text\"", "{\"cut", "{} {}", "null", "not json \u{e9}\n\"", "}"]
        {
            let object = to_object(odd);
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&object).unwrap();
            assert_eq!(from_object(&object), odd);
        }
    }

    #[test]
    fn an_object_is_not_touched() {
        for object in [
            "{}",
            "{ \"a\" : 1.50 }",
            "{\"_raw\":1}",
            "{\"_raw\":\"x\",\"y\":2}",
            "{\"_RAW\":\"\"}",
        ] {
            assert_eq!(to_object(object), object);
            assert_eq!(from_object(object), object);
        }
        assert_eq!(to_object(" {\"a\":1}\n"), "{\"a\":1}");
    }
}
