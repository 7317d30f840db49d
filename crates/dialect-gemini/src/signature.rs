//! The seals on a model's calls, and the ways in which clients bring them back.
//!
//! A call's seal goes to the client twice: in `extra_content.google.thought_signature`, where Google's
//! own compatible API has it, and behind the call's id, because clients that drop what they do not know
//! keep ids. Read: `https://ai.google.dev/gemini-api/docs/thought-signatures`, 2026-11-29.

use ferro_core::chat::{Call, Text};
use ferro_wire::write_string;

use crate::json::{Members, text};

/// Whose seals these are, as `reasoning_details` name it.
pub(crate) const FORMAT: &str = "google-gemini-v1";
/// What the vendor takes for a call that was made by somebody else, and so has no seal.
pub(crate) const NONE_NEEDED: &str = "skip_thought_signature_validator";
/// What stands between an id and a seal.
const BETWEEN: &str = "__thought__";

/// A call's id without its seal, and the seal.
pub(crate) fn split(id: &str) -> (&str, Option<&str>) {
    match id.split_once(BETWEEN) {
        Some((id, seal)) if !seal.is_empty() => (id, Some(seal)),
        _ => (id, None),
    }
}

/// A call's id with its seal.
pub(crate) fn join(id: &str, seal: Option<&str>) -> String {
    match seal {
        Some(seal) => [id, BETWEEN, seal].concat(),
        None => id.to_owned(),
    }
}

/// The member `extra_content` that holds a seal.
pub(crate) fn extra(seal: &str) -> String {
    let mut json = b"{\"google\":{\"thought_signature\":".to_vec();
    write_string(&mut json, seal);
    json.extend_from_slice(b"}}");
    String::from_utf8(json).expect("a text between brackets is a text")
}

/// The seal of a call that a client brings back, wherever it put it.
pub(crate) fn of<'a>(call: &'a Call<'_>) -> Option<Text<'a>> {
    let in_extra = call.extra_content.and_then(|extra| {
        let google = Members::of(Members::of(extra.get())?.get("google")?)?;
        text(google.get("thought_signature")?)
    });
    let in_function = || {
        let function = call.function.as_ref()?;
        let named = |name: &&(Text<'_>, _)| &*name.0 == "thought_signature";
        text(function.rest.iter().find(named)?.1.get())
    };
    let in_id = || split(call.id.as_deref()?).1.map(Text::from);
    in_extra.or_else(in_function).or_else(in_id).filter(|seal| !seal.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(call: &str) -> Option<String> {
        let call: Call<'_> = serde_json::from_str(call).unwrap();
        of(&call).map(|seal| seal.to_string())
    }

    #[test]
    fn a_seal_is_found_in_every_form_that_is_in_use() {
        let extra = extra("sig+/=");
        assert_eq!(seal(&format!(r#"{{"extra_content":{extra}}}"#)).unwrap(), "sig+/=");
        let function = r#"{"function":{"name":"f","thought_signature":"s"}}"#;
        assert_eq!(seal(function).unwrap(), "s");
        assert_eq!(seal(r#"{"id":"call_1__thought__abc=="}"#).unwrap(), "abc==");
        for none in
            [r#"{"id":"call_1"}"#, r#"{"id":"call_1__thought__"}"#, r#"{"extra_content":7}"#]
        {
            assert_eq!(seal(none), None, "{none}");
        }
    }

    #[test]
    fn an_id_keeps_its_seal_and_gives_it_back() {
        assert_eq!(split(&join("call_1", Some("a+/="))), ("call_1", Some("a+/=")));
        assert_eq!(split(&join("call_1", None)), ("call_1", None));
    }
}
