//! Needles: the few places of a reply that are looked at, found without reading the rest.
//!
//! A key is looked for with both of its quotes and the colon behind it. Inside a JSON string a quote
//! has a backslash before it, so no text that a model writes can look like a key.

use ferro_wire::sse;
use memchr::memmem;

/// The values of `key` that start with `first`, the last one first. What follows a value is still
/// attached.
///
/// Most events have none, which a search forwards tells several times faster than one backwards.
pub(super) fn values<'a>(
    bytes: &'a [u8],
    key: &'a [u8],
    first: u8,
) -> impl Iterator<Item = &'a [u8]> {
    let at = move |at: usize| value(&bytes[at + key.len()..]).filter(|v| v.first() == Some(&first));
    let has_any = memmem::find_iter(bytes, key).any(|place| at(place).is_some());
    has_any.then(|| memmem::rfind_iter(bytes, key).filter_map(at)).into_iter().flatten()
}

/// Whether a key `error` with a value stands anywhere, at the top or not.
pub(super) fn may_hold_error(bytes: &[u8]) -> bool {
    const KEY: &[u8] = b"\"error\"";
    memmem::find_iter(bytes, KEY)
        .filter_map(|at| value(&bytes[at + KEY.len()..]))
        .any(|value| !value.starts_with(b"null"))
}

/// Whether an event stands behind the last one that has choices.
pub(super) fn ends_without_choices(events: &[u8]) -> bool {
    let Some(last) = memmem::rfind(events, b"\"choices\"") else { return true };
    let rest = &events[last..];
    let behind = &rest[sse::FRAMING.first(rest)..];
    sse::events(behind).any(|event| !event.is_silent())
}

/// `data: [DONE]` as an event of its own: the same characters inside a chunk's text are not.
pub(super) fn says_done(events: &[u8]) -> bool {
    memmem::find_iter(events, b"[DONE]").any(|at| {
        let before = events[..at].trim_ascii_end();
        let line = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |end| end + 1);
        &before[line..] == b"data:" && matches!(events.get(at + 6), Some(b'\n' | b'\r'))
    })
}

fn value(rest: &[u8]) -> Option<&[u8]> {
    Some(rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_a_key_is_text() {
        let said = serde_json::json!({"content": "\"usage\": {\"a\":1} \"error\":{} \"usage\""});
        for text in
            [said.to_string(), serde_json::json!({"arguments": said.to_string()}).to_string()]
        {
            assert_eq!(values(text.as_bytes(), b"\"usage\"", b'{').count(), 0, "{text}");
            assert!(!may_hold_error(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn values_come_last_first() {
        let text = br#"{"usage":null,"x":{"usage" : {"a":1}},"usage": {"b":2}}"#;
        let found: Vec<_> = values(text, b"\"usage\"", b'{').map(|value| value[2]).collect();
        assert_eq!(found, [b'b', b'a']);
    }

    #[test]
    fn an_event_behind_the_last_choices_is_seen() {
        let chunk = "data: {\"choices\":[{\"delta\":{}}]}\n\n";
        assert!(!ends_without_choices(chunk.as_bytes()));
        assert!(!ends_without_choices(format!("{chunk}: ping\n\n").as_bytes()));
        assert!(ends_without_choices(format!("{chunk}data: {{\"code\":1}}\n\n").as_bytes()));
    }
}
