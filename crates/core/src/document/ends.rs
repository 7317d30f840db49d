//! Why a model stopped, in the words of the surfaces that say it.

use ferro_wire::Walk;
use serde_json::value::RawValue;

use crate::{Finish, chat::Members};

/// Why a message ended: whole, or as an event says it.
pub(super) fn message(json: &[u8]) -> Option<Finish> {
    let read = |json| member(json, b"stop_reason");
    let word = read(json).or_else(|| read(member(json, b"delta")?))?;
    Some(match word {
        b"\"end_turn\"" | b"\"stop_sequence\"" | b"\"pause_turn\"" => Finish::Stop,
        b"\"max_tokens\"" | b"\"model_context_window_exceeded\"" => Finish::Length,
        b"\"tool_use\"" => Finish::ToolCalls,
        b"\"refusal\"" => Finish::ContentFilter,
        _ => Finish::Other,
    })
}

/// Why a response ended: whole, or as the last event of a stream has it.
pub(super) fn response(json: &[u8]) -> Option<Finish> {
    let json = match member(json, b"response") {
        Some(inner) if inner.starts_with(b"{") => inner,
        _ => json,
    };
    match member(json, b"status")? {
        b"\"completed\"" if calls(json) => Some(Finish::ToolCalls),
        b"\"completed\"" => Some(Finish::Stop),
        b"\"incomplete\"" => {
            let why = member(json, b"incomplete_details").and_then(|it| member(it, b"reason"));
            Some(match why {
                Some(b"\"max_output_tokens\"" | b"\"max_tokens\"") => Finish::Length,
                Some(b"\"content_filter\"") => Finish::ContentFilter,
                _ => Finish::Other,
            })
        }
        _ => None,
    }
}

/// Whether a response asks its client to do something.
fn calls(json: &[u8]) -> bool {
    const CALLS: [&[u8]; 2] = [b"\"function_call\"", b"\"custom_tool_call\""];
    let Some(output) = member(json, b"output") else { return false };
    let items = serde_json::from_slice::<Vec<&RawValue>>(output).unwrap_or_default();
    let kinds = items.iter().filter_map(|item| member(item.get().as_bytes(), b"type"));
    kinds.into_iter().any(|kind| CALLS.contains(&kind))
}

/// A member of a JSON object as it is written; `None` where it is not there, or is null.
fn member<'a>(json: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (mut found, mut walk) = (None, Walk::new(json));
    let walked =
        walk.object(|key, walk| if key == name { walk.say(&mut found) } else { walk.skip() });
    // What hides behind escapes, or is nested deeply, is left to serde.
    if walked.is_none() {
        let members: Members<'a> = serde_json::from_slice(json).ok()?;
        found = members.get(std::str::from_utf8(name).ok()?).map(str::as_bytes);
    }
    found.filter(|said| *said != b"null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_it_whole_and_in_an_event() {
        for (word, finish) in [
            ("end_turn", Finish::Stop),
            ("stop_sequence", Finish::Stop),
            ("pause_turn", Finish::Stop),
            ("max_tokens", Finish::Length),
            ("model_context_window_exceeded", Finish::Length),
            ("tool_use", Finish::ToolCalls),
            ("refusal", Finish::ContentFilter),
            ("a new one", Finish::Other),
        ] {
            let whole = format!(r#"{{"content":[],"stop_reason": "{word}"}}"#);
            assert_eq!(message(whole.as_bytes()), Some(finish), "{word}");
            let event = format!(r#"{{"type":"message_delta","delta":{{"stop_reason":"{word}"}}}}"#);
            assert_eq!(message(event.as_bytes()), Some(finish), "{word}");
        }
        for none in
            [r#"{"message":{"stop_reason":"end_turn"}}"#, r#"{"stop_reason":null}"#, "[]", ""]
        {
            assert_eq!(message(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn a_response_says_it_whole_and_in_its_last_event() {
        let call =
            r#""status":"completed","output":[{"type":"reasoning"},{"type":"function_call"}]"#;
        let said = r#""status":"completed","output":[{"type":"message","content":[{"type":"function_call"}]}]"#;
        let cut = r#""status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}"#;
        let filtered = r#""status":"incomplete","incomplete_details":{"reason":"content_filter"}"#;
        for (members, finish) in [
            (call, Some(Finish::ToolCalls)),
            (said, Some(Finish::Stop)),
            (cut, Some(Finish::Length)),
            (filtered, Some(Finish::ContentFilter)),
            (r#""status":"incomplete""#, Some(Finish::Other)),
            (r#""status":"queued""#, None),
            (r#""status":"failed""#, None),
        ] {
            assert_eq!(response(format!("{{{members}}}").as_bytes()), finish, "{members}");
            let event = format!(r#"{{"type":"response.completed","response":{{{members}}}}}"#);
            assert_eq!(response(event.as_bytes()), finish, "{event}");
        }
    }
}
