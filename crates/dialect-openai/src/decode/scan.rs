//! Needles: whether a reply is worth reading, found without reading it.
//!
//! A key is looked for with both of its quotes and the colon behind it. Inside a JSON string a quote
//! has a backslash before it, so no text that a model writes can look like a key; a key that itself
//! hides behind escapes, which no vendor writes, is not found. A needle does not tell whose member it
//! has found: that is read where one was found.

use std::sync::LazyLock;

use ferro_wire::sse;
use memchr::memmem::Finder;

/// Searches set themselves up once, not for each event.
static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    usage: Finder::new(b"\"usage\""),
    finish_reason: Finder::new(b"\"finish_reason\""),
    error: Finder::new(b"\"error\""),
    content: Finder::new(b"\"content\""),
    choices: Finder::new(b"\"choices\""),
    done: Finder::new(b"[DONE]"),
});

struct Needles {
    usage: Finder<'static>,
    finish_reason: Finder<'static>,
    error: Finder<'static>,
    content: Finder<'static>,
    choices: Finder<'static>,
    done: Finder<'static>,
}

/// Whether these events may say something that the gateway must know.
pub(super) fn is_telling(events: &[u8]) -> bool {
    may_hold(events, &NEEDLES.usage, |first| first == b'{')
        || may_hold(events, &NEEDLES.finish_reason, |first| first == b'"')
        || may_hold(events, &NEEDLES.error, |first| first != b'n')
        || ends_without_choices(events)
}

/// Whether there may be a list where a string of that name is usual.
pub(super) fn may_hold_list(bytes: &[u8]) -> bool {
    may_hold(bytes, &NEEDLES.content, |first| first == b'[')
}

/// Whether a key stands anywhere whose value may begin like this.
fn may_hold(bytes: &[u8], key: &Finder<'_>, begins: impl Fn(u8) -> bool) -> bool {
    let length = key.needle().len();
    key.find_iter(bytes)
        .filter_map(|at| beginning(&bytes[at + length..]))
        .any(|first| first == b'\n' || begins(first))
}

/// The first byte of the value behind a key, a line feed where it is on another line: there it may
/// stand behind the name of a field. `None` if this is no key.
fn beginning(rest: &[u8]) -> Option<u8> {
    let mut spaces = rest.iter().skip_while(|byte| matches!(byte, b' ' | b'\t'));
    match *spaces.next()? {
        b':' => {}
        b'\n' | b'\r' => return Some(b'\n'),
        _ => return None,
    }
    match *spaces.find(|byte| !matches!(byte, b' ' | b'\t'))? {
        b'\r' => Some(b'\n'),
        first => Some(first),
    }
}

/// Whether an event stands behind the last one that has choices, other than the one that ends a
/// stream.
pub(super) fn ends_without_choices(events: &[u8]) -> bool {
    let behind = match last_choices(events) {
        None => events,
        Some(last) => {
            let rest = &events[last..];
            &rest[sse::FRAMING.first(rest)..]
        }
    };
    sse::events(behind)
        .any(|event| !event.is_silent() && event.data().trim_ascii_end() != b"[DONE]")
}

/// Where the last key of choices stands. Looked for forwards, because backwards there is no search of
/// many bytes at once; and first where it usually is, which is near the end.
fn last_choices(events: &[u8]) -> Option<usize> {
    const NEAR: usize = 512;
    let far = events.len().saturating_sub(NEAR);
    let near = NEEDLES.choices.find_iter(&events[far..]).last().map(|at| far + at);
    near.or_else(|| NEEDLES.choices.find_iter(events).last())
}

/// `data: [DONE]` as a line of its own: the same characters inside a chunk's text are not.
pub(super) fn says_done(events: &[u8]) -> bool {
    NEEDLES.done.find_iter(events).any(|at| {
        // Only what touches it is looked at: a text may say it a hundred thousand times.
        let before = without_spaces(&events[..at]).strip_suffix(b"data:");
        let starts = |line: &[u8]| line.last().is_none_or(|end| matches!(end, b'\n' | b'\r'));
        let mut behind = events[at + 6..].iter().skip_while(|byte| **byte == b' ');
        before.is_some_and(starts) && matches!(behind.next(), Some(b'\n' | b'\r'))
    })
}

fn without_spaces(mut line: &[u8]) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b" ") {
        line = shorter;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &str = "data: {\"choices\":[{\"delta\":{}}]}\n\n";

    #[test]
    fn text_that_looks_like_a_key_is_text() {
        let said = serde_json::json!({
            "choices": "\"usage\": {\"a\":1} \"error\":{} \"usage\" \"finish_reason\":\"stop\"",
            "content": "\"content\":[",
        });
        for text in [
            said.to_string(),
            serde_json::json!({"choices": 1, "arguments": said.to_string()}).to_string(),
        ] {
            let event = format!("data: {text}\n\n");
            assert!(!is_telling(event.as_bytes()) && !may_hold_list(event.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_key_is_one_however_its_value_is_spaced() {
        for value in ["{", " {", ":{", ": {", " :\t{", ":\ndata: {", "\r\ndata: :{", ":\rdata:{"] {
            let event = format!("data: {{\"choices\":[],\"usage\"{value}");
            let is_key = value.contains(':');
            assert_eq!(is_telling(event.as_bytes()), is_key, "{value:?}");
        }
        let null =
            "data: {\"choices\":[],\"usage\": null,\"error\" :null,\"finish_reason\":null}\n\n";
        assert!(!is_telling(null.as_bytes()));
    }

    #[test]
    fn an_event_behind_the_last_choices_is_seen() {
        let code = "data: {\"code\":1}\n\n";
        for events in [format!("{CHUNK}{code}"), format!("{CHUNK}{code}data: [DONE]\n\n")] {
            assert!(ends_without_choices(events.as_bytes()), "{events}");
        }
        let long = format!("data: {{\"code\":\"{}\"}}\n\n", "x".repeat(1000));
        assert!(ends_without_choices(format!("{CHUNK}{long}").as_bytes()), "however far it is");
        let distant = CHUNK.replace("{}", &format!("\"{}\"", "x".repeat(1000)));
        assert!(!ends_without_choices(format!("{CHUNK}{distant}").as_bytes()));
        for behind in ["", ": ping\n\n", "data: [DONE]\n\n", ": ping\r\n\r\ndata:[DONE]\r\n\r\n"] {
            assert!(!ends_without_choices(format!("{CHUNK}{behind}").as_bytes()), "{behind}");
            assert!(!ends_without_choices(behind.as_bytes()), "{behind}");
        }
    }

    #[test]
    fn an_end_is_a_line_of_its_own() {
        for end in ["data: [DONE]\n\n", "data:[DONE] \r\n\r\n", ": x\n\ndata: [DONE]\r\r"] {
            assert!(says_done(end.as_bytes()), "{end:?}");
        }
        for text in
            ["data: {\"a\":\"data: [DONE]\"}\n\n", "data: [DONE]x\n\n", ": data: [DONE]\n\n"]
        {
            assert!(!says_done(text.as_bytes()), "{text:?}");
        }
    }
}
