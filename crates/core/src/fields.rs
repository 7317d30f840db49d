//! The fields of a request that the gateway acts on, and what is wrong with them.

use std::{ops::RangeInclusive, str::FromStr};

use ferro_wire::JsonDoc;
use serde::de::DeserializeOwned;

use crate::{BadRequest, excerpt};

/// What a field is read as.
pub(crate) trait Kind: DeserializeOwned {
    /// What its value has to be, in the words of JSON.
    const IS: &'static str;
}

impl Kind for bool {
    const IS: &'static str = "a boolean";
}

impl Kind for f64 {
    const IS: &'static str = "a number";
}

impl Kind for i64 {
    const IS: &'static str = "an integer";
}

impl Kind for Box<str> {
    const IS: &'static str = "a string";
}

/// A field as a type; one that is of another is told what it is to be.
pub(crate) fn field<T: Kind>(doc: &JsonDoc, name: &'static str) -> Result<Option<T>, BadRequest> {
    doc.get(name).map_err(|_| {
        let said = doc.text(name).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let message = format!("{name} must be {}, not {}", T::IS, excerpt(said.trim()));
        BadRequest::field(name, message)
    })
}

/// What a model reads is text, somewhere: a number or a truth value is nobody's, and could not be shown
/// to policy either.
pub(crate) fn check_readable(doc: &JsonDoc, name: &'static str) -> Result<(), BadRequest> {
    let found = match doc.opening(name) {
        Some([b'0'..=b'9' | b'-', _]) => "a number",
        Some([b't' | b'f', _]) => "a boolean",
        _ => return Ok(()),
    };
    let message =
        format!("{name} is to be text, or a list or an object with text in it, not {found}");
    Err(BadRequest::field(name, message))
}

/// Longer than any vendor's name of a model. A name goes into records and messages, which wait in
/// queues by the thousand.
const LONGEST_MODEL: usize = 2048;

/// The model that a request has to name.
pub(crate) fn model(doc: &JsonDoc) -> Result<Box<str>, BadRequest> {
    let model = field::<Box<str>>(doc, "model")?.filter(|model| !model.is_empty());
    named_model(model.ok_or_else(|| BadRequest::field("model", "model is required"))?)
}

/// A model's name, unless it is longer than any.
pub(crate) fn named_model(model: Box<str>) -> Result<Box<str>, BadRequest> {
    if model.len() > LONGEST_MODEL {
        let message = format!("model is longer than {LONGEST_MODEL} bytes");
        return Err(BadRequest::field("model", message));
    }
    Ok(model)
}

/// Whether a request leaves a member out, or says nothing in it.
pub(crate) fn is_nothing(doc: &JsonDoc, name: &'static str) -> bool {
    doc.opening(name).is_none_or(|opening| matches!(&opening, [b'n', _] | b"[]" | b"\"\"" | b"{}"))
}

/// There has to be a list of at least one object.
pub(crate) fn check_messages(doc: &JsonDoc) -> Result<(), BadRequest> {
    const NAME: &str = "messages";
    let missing = || BadRequest::field(NAME, "at least one message is required");
    // The grammar is checked already, so the first bytes tell an empty list from a list of objects;
    // what the messages hold is read by those who need it.
    match doc.opening(NAME).ok_or_else(missing)? {
        [b'n', _] | [b'[', b']'] => Err(missing()),
        [b'[', b'{'] => Ok(()),
        [b'[', _] => Err(BadRequest::field(NAME, "messages[0] must be an object with a role")),
        _ => Err(BadRequest::field(NAME, "messages must be an array of objects")),
    }
}

/// A number outside the range is refused.
pub(crate) fn check_range(
    doc: &JsonDoc,
    name: &'static str,
    range: RangeInclusive<f64>,
) -> Result<(), BadRequest> {
    // What is as it should be is read without serde, which says what is wrong with the rest.
    let Some(text) = doc.text(name) else { return Ok(()) };
    if parsed::<f64>(&text).is_some_and(|value| range.contains(&value)) {
        return Ok(());
    }
    let Some(value) = field::<f64>(doc, name)? else { return Ok(()) };
    if range.contains(&value) {
        return Ok(());
    }
    let (low, high) = (range.start(), range.end());
    Err(BadRequest::field(name, format!("{name} must be between {low} and {high}, not {value}")))
}

/// A count that has to be more than nothing.
pub(crate) fn positive(doc: &JsonDoc, name: &'static str) -> Result<Option<u64>, BadRequest> {
    let Some(text) = doc.text(name) else { return Ok(None) };
    if let Some(value @ 1..) = parsed::<i64>(&text) {
        return Ok(u64::try_from(value).ok());
    }
    match field::<i64>(doc, name)? {
        None => Ok(None),
        Some(value) => match u64::try_from(value) {
            Ok(value) if value > 0 => Ok(Some(value)),
            _ => Err(BadRequest::field(name, format!("{name} must be positive, not {value}"))),
        },
    }
}

/// A number whose grammar is known to be right.
fn parsed<T: FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_another_type_is_told_what_it_is_to_be_and_what_it_was() {
        let body = format!(
            r#"{{"a":"yes", "b": 1.5 ,"c":[1,2],"d":null,"e":1e400,"f":"sk-{}"}}"#,
            "0".repeat(40)
        );
        let doc = JsonDoc::parse(body.into_bytes()).unwrap();
        let wrong = [
            field::<bool>(&doc, "a").unwrap_err().message,
            field::<f64>(&doc, "a").unwrap_err().message,
            field::<i64>(&doc, "b").unwrap_err().message,
            field::<Box<str>>(&doc, "c").unwrap_err().message,
            field::<f64>(&doc, "e").unwrap_err().message,
            field::<bool>(&doc, "f").unwrap_err().message,
        ];
        let expected = [
            r#"a must be a boolean, not "yes""#,
            r#"a must be a number, not "yes""#,
            "b must be an integer, not 1.5",
            "c must be a string, not [1,2]",
            "e must be a number, not 1e400",
            r#"f must be a boolean, not "sk-00000…""#,
        ];
        assert_eq!(wrong, expected);
        assert_eq!(field::<bool>(&doc, "d").unwrap(), None);
        assert_eq!(field::<Box<str>>(&doc, "a").unwrap().as_deref(), Some("yes"));
    }
}
