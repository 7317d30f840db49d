//! Needles: whether a reply is worth reading, found without reading it.
//!
//! A key is looked for with both of its quotes and the colon behind it. Inside a JSON string a quote
//! has a backslash before it, so no text that a model writes can look like a key; a key that itself
//! hides behind escapes, which no vendor writes, is not found. A needle does not tell whose member it
//! has found: that is read where one was found.

use ferro_wire::{each_pair, sse};

/// How the keys that are looked for begin, and the end of a stream.
const BEGINNINGS: [[u8; 2]; 5] = [*b"\"u", *b"\"f", *b"\"e", *b"\"c", *b"[D"];

/// What a look over events, or over a whole reply, has found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Looked {
    /// Whether there is a key whose value the gateway must know.
    has_fact: bool,
    /// Whether there may be a list where a string of content is usual.
    pub(super) may_hold_list: bool,
    /// Whether there is a `data: [DONE]` as a line of its own: the same characters inside a chunk's
    /// text are not.
    pub(super) says_done: bool,
    /// Where the last key of choices stands.
    last_choices: Option<usize>,
}

impl Looked {
    /// Looks over all of it once.
    pub(super) fn over(bytes: &[u8]) -> Self {
        let mut looked = Self::default();
        each_pair(bytes, BEGINNINGS, |place| looked.at(bytes, place));
        looked
    }

    /// Whether these events, which were looked over, may say something that the gateway must know.
    pub(super) fn is_telling(&self, events: &[u8]) -> bool {
        self.has_fact || self.ends_without_choices(events)
    }

    #[inline]
    fn at(&mut self, bytes: &[u8], place: usize) {
        let rest = &bytes[place..];
        match rest.get(1) {
            Some(b'u') => self.has_fact |= may_hold(rest, b"\"usage\"", |first| first == b'{'),
            Some(b'f') => {
                self.has_fact |= may_hold(rest, b"\"finish_reason\"", |first| first == b'"');
            }
            Some(b'e') => self.has_fact |= may_hold(rest, b"\"error\"", |first| first != b'n'),
            Some(b'c') if rest.starts_with(b"\"choices\"") => self.last_choices = Some(place),
            Some(b'c') => {
                self.may_hold_list |= may_hold(rest, b"\"content\"", |first| first == b'[');
            }
            Some(b'D') => self.says_done |= is_done(bytes, place),
            _ => {}
        }
    }

    /// Whether an event stands behind the last one that has choices, other than the one that ends a
    /// stream.
    fn ends_without_choices(&self, events: &[u8]) -> bool {
        let behind = match self.last_choices {
            None => events,
            Some(last) => {
                let rest = &events[last..];
                &rest[sse::FRAMING.first(rest)..]
            }
        };
        sse::events(behind)
            .any(|event| !event.is_silent() && event.data().trim_ascii_end() != b"[DONE]")
    }
}

/// Whether `rest` begins with a key whose value may begin like this.
fn may_hold(rest: &[u8], key: &[u8], begins: impl Fn(u8) -> bool) -> bool {
    let first = rest.strip_prefix(key).and_then(beginning);
    first.is_some_and(|first| first == b'\n' || begins(first))
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

/// Whether a bracket is that of a `data: [DONE]` which is a line of its own.
fn is_done(events: &[u8], place: usize) -> bool {
    let Some(behind) = events[place..].strip_prefix(b"[DONE]") else { return false };
    // Only what touches it is looked at: a text may say it a hundred thousand times.
    let before = without_spaces(&events[..place]).strip_suffix(b"data:");
    let starts = |line: &[u8]| line.last().is_none_or(|end| matches!(end, b'\n' | b'\r'));
    let mut behind = behind.iter().skip_while(|byte| **byte == b' ');
    before.is_some_and(starts) && matches!(behind.next(), Some(b'\n' | b'\r'))
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

    fn is_telling(events: &[u8]) -> bool {
        Looked::over(events).is_telling(events)
    }

    fn may_hold_list(bytes: &[u8]) -> bool {
        Looked::over(bytes).may_hold_list
    }

    fn ends_without_choices(events: &[u8]) -> bool {
        Looked::over(events).ends_without_choices(events)
    }

    fn says_done(events: &[u8]) -> bool {
        Looked::over(events).says_done
    }

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
