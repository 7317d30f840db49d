//! Server-sent events: where they end, what they say, how they are written.
//!
//! An event ends at a blank line; a line ends with CR, LF or both. Bytes are passed on as they are:
//! [`events`] shows the events of a buffer, it does not rewrite them.

use std::borrow::Cow;

use memchr::{memchr2, memchr2_iter, memrchr2_iter};

use crate::Framing;

/// The framing of server-sent events.
/// A blank line is at most two line breaks of two bytes, of which three come before the last.
pub const FRAMING: Framing = Framing::new(whole, first).with_context(3);

/// The largest event that is waited for, unless told otherwise.
pub const DEFAULT_MAX_EVENT: usize = 16 << 20;

/// Whether a line break that ends at `end` (exclusive) is preceded by another, or starts the buffer.
fn is_blank_line(bytes: &[u8], end: usize) -> bool {
    let line_break = if bytes[..end].ends_with(b"\r\n") { 2 } else { 1 };
    bytes[..end - line_break].last().is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
}

/// A CR at the very end may be the first half of CRLF, whose LF would look like one more blank line;
/// a blank line between events says nothing, so the event may go without waiting for it.
fn whole(bytes: &[u8]) -> usize {
    memrchr2_iter(b'\n', b'\r', bytes)
        .find(|at| bytes.get(at + 1) != Some(&b'\n') || bytes[*at] == b'\n')
        .into_iter()
        .chain(memrchr2_iter(b'\n', b'\r', bytes))
        .map(|at| at + 1)
        .find(|end| is_blank_line(bytes, *end))
        .unwrap_or(0)
}

fn first(bytes: &[u8]) -> usize {
    for at in memchr2_iter(b'\n', b'\r', bytes) {
        let is_first_half = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        if !is_first_half && is_blank_line(bytes, at + 1) {
            return at + 1;
        }
    }
    0
}

/// One event of a buffer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Event<'a> {
    /// The event's bytes, with the blank line that ends it.
    pub raw: &'a [u8],
}

/// The whole events of a buffer, in order.
pub fn events(bytes: &[u8]) -> impl Iterator<Item = Event<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = first(rest);
        let (event, after) = rest.split_at(length);
        rest = after;
        (length > 0).then_some(Event { raw: event })
    })
}

/// Whether there is nothing in these events but comments and blank lines.
pub fn is_silent(bytes: &[u8]) -> bool {
    // Most events begin with a field's name: one byte tells.
    matches!(bytes.first(), None | Some(b':' | b'\n' | b'\r' | 0xEF))
        && events(bytes).all(|event| event.is_silent())
}

impl<'a> Event<'a> {
    /// What the event says: its `data` lines, joined by line feeds.
    pub fn data(&self) -> Cow<'a, [u8]> {
        let mut lines = self.values(b"data");
        let Some(first) = lines.next() else { return Cow::Borrowed(b"") };
        let mut joined: Option<Vec<u8>> = None;
        for line in lines {
            let joined = joined.get_or_insert_with(|| first.to_vec());
            joined.push(b'\n');
            joined.extend_from_slice(line);
        }
        joined.map_or(Cow::Borrowed(first), Cow::Owned)
    }

    /// The event's name, if it has one.
    pub fn name(&self) -> Option<&'a [u8]> {
        self.values(b"event").last()
    }

    /// Whether there is nothing in it but comments and blank lines.
    pub fn is_silent(&self) -> bool {
        self.lines().all(|line| line.is_empty() || line[0] == b':')
    }

    /// The event with other data: its name, its id and its comments stay as they stand.
    pub fn with_data(&self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.raw.len() + data.len());
        let (before, mut rest) = self.raw.split_at(self.raw.len() - self.text().len());
        out.extend_from_slice(before);
        let mut is_written = false;
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let line_break = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
            let (line, after) = rest.split_at(end + line_break);
            rest = after;
            if value(&line[..end], b"data").is_none() {
                out.extend_from_slice(line);
            } else if !std::mem::replace(&mut is_written, true) {
                write_data(&mut out, data);
            } else if out.ends_with(b"\r") {
                // With the blank line behind what is left out it would be one line break.
                out.push(b'\n');
            }
        }
        out.extend_from_slice(rest);
        out
    }

    /// The event from its first line on. Before it may stand a byte order mark, and before that what is
    /// left of the blank line that ended the event before: the second half of a CRLF that was cut in two,
    /// without which it would be said by chance whether a mark counts.
    fn text(&self) -> &'a [u8] {
        let mut text = self.raw;
        while let [b'\n' | b'\r', rest @ ..] = text {
            text = rest;
        }
        text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
    }

    fn lines(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = Some(self.text());
        std::iter::from_fn(move || {
            let text = rest.take()?;
            let Some(end) = memchr2(b'\n', b'\r', text) else { return Some(text) };
            rest = Some(&text[end + 1..]);
            Some(&text[..end])
        })
    }

    /// The values of one field.
    fn values(&self, field: &'static [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.lines().filter_map(move |line| value(line, field))
    }
}

/// A field's value, if the line has it; one leading space is not part of it.
fn value<'a>(line: &'a [u8], field: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(field)?;
    let value = if rest.is_empty() { rest } else { rest.strip_prefix(b":")? };
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// Writes one event. Line breaks inside `data` become lines of their own.
pub fn write(out: &mut Vec<u8>, name: Option<&str>, data: &[u8]) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    write_data(out, data);
    out.push(b'\n');
}

/// Writes `data` lines, whichever way the line breaks in it are written: no text can end its event
/// or become another field.
fn write_data(out: &mut Vec<u8>, data: &[u8]) {
    let mut rest = Some(data);
    while let Some(text) = rest {
        let end = memchr2(b'\n', b'\r', text).unwrap_or(text.len());
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&text[..end]);
        out.push(b'\n');
        let line_break = if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = text.get(end + line_break..).filter(|_| end < text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> Vec<String> {
        let events = events(bytes).filter(|event| !event.is_silent());
        events.map(|event| String::from_utf8_lossy(&event.data()).into_owned()).collect()
    }

    #[test]
    fn every_line_ending_ends_an_event() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("data: a{end}data:b{end}{end}: note{end}{end}data:  c{end}{end}");
            assert_eq!(said(text.as_bytes()), ["a\nb", " c"], "{end:?}");
            assert_eq!(FRAMING.whole(text.as_bytes()), text.len(), "{end:?}");
            let cut = &text.as_bytes()[..text.len() - end.len()];
            assert!(FRAMING.whole(cut) < cut.len(), "{end:?}");
        }
    }

    #[test]
    fn any_cut_gives_the_same_events() {
        let text = b"\xEF\xBB\xBFdata: 1\r\n\r\n:c\n\nevent: x\ndata: 2\n\n\xEF\xBB\xBFdata: 3\r\r\
            data: 4\r\n\r\n\xEF\xBB\xBFdata: 5\r\n\r\n";
        for cut in 0..=text.len() {
            let mut buffer = Vec::new();
            let mut all = Vec::new();
            for piece in [&text[..cut], &text[cut..]] {
                buffer.extend_from_slice(piece);
                let whole = FRAMING.whole(&buffer);
                all.extend(said(&buffer[..whole]));
                buffer.drain(..whole);
            }
            assert_eq!(all, ["1", "2", "3", "4", "5"], "cut at {cut}");
        }
    }

    #[test]
    fn no_text_can_end_its_event() {
        for text in ["a\rdata: b", "a\r\n\r\nb", "a\n\nevent: x", "\r", "", "a\n"] {
            let mut out = Vec::new();
            write(&mut out, None, text.as_bytes());
            assert_eq!(said(&out), [text.replace("\r\n", "\n").replace('\r', "\n")], "{text:?}");
        }
    }

    #[test]
    fn other_data_leaves_the_rest_of_an_event_alone() {
        let raw = b": note\r\nevent: x\r\ndata: 1\r\nid: 7\r\ndata: 2\r\n\r\n";
        let event = events(raw).next().unwrap();
        let other = event.with_data(b"3");
        assert_eq!(other, b": note\r\nevent: x\r\ndata: 3\nid: 7\r\n\r\n");
        let mixed = Event { raw: b"data: 1\nid: 7\rdata: 2\n\n" };
        assert_eq!(mixed.with_data(b"3"), b"data: 3\nid: 7\r\n\n");
        let marked = Event { raw: b"\n\xEF\xBB\xBFdata: 1\n\xEF\xBB\xBFdata: no field\n\n" };
        assert_eq!(marked.data(), &b"1"[..]);
        let other = b"\n\xEF\xBB\xBFdata: 3\n\xEF\xBB\xBFdata: no field\n\n";
        assert_eq!(marked.with_data(b"3"), other);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut out = Vec::new();
        write(&mut out, Some("note"), b"one\ntwo");
        let event = events(&out).next().unwrap();
        assert_eq!((event.name(), &*event.data()), (Some(&b"note"[..]), &b"one\ntwo"[..]));
    }
}
