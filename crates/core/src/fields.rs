//! The fields of a request that the gateway acts on, and what is wrong with them.

use std::{ops::RangeInclusive, str::FromStr};

use ferro_wire::{FieldError, JsonDoc};

use crate::BadRequest;

/// A field as a type; the wrong type is said with the field's name.
pub(crate) fn field<T: serde::de::DeserializeOwned>(
    doc: &JsonDoc,
    name: &'static str,
) -> Result<Option<T>, BadRequest> {
    doc.get(name).map_err(|error: FieldError| BadRequest::field(name, in_words(&error)))
}

/// What is wrong with a field, in the words of JSON: which kinds of numbers there are is ours to know,
/// and so is where in a field we looked.
fn in_words(error: &FieldError) -> String {
    const WORDS: [(&str, &str); 4] = [
        ("expected f64", "expected a number"),
        ("expected i64", "expected an integer"),
        ("expected u64", "expected an integer"),
        ("floating point `", "number `"),
    ];
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said).to_owned();
    WORDS.iter().fold(said, |said, (ours, theirs)| said.replace(ours, theirs))
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
