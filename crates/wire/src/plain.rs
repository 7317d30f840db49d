//! Strings that mean nothing but what stands there: how far one does, and how one is written.

use crate::doc::{LANE, marks_of_lane, none_marked};

/// So many lanes are looked at before instructions are chosen that look at more at once: nearly every
/// name and most values end within them.
const LANES: usize = 3;

/// How many bytes of a JSON string there are before one that means something in it: a quotation
/// mark, a backslash, or a control character, which may not stand there.
///
/// ```
/// assert_eq!(ferro_wire::plain(br#"short","next":1}"#), 5);
/// assert_eq!(ferro_wire::plain(b"no end"), 6);
/// ```
#[inline]
pub fn plain(text: &[u8]) -> usize {
    let (lanes, _) = text.as_chunks::<LANE>();
    let mut at = 0;
    for lane in lanes.iter().take(LANES) {
        let marks = marks_of_lane(lane);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize;
        }
        at += LANE;
    }
    if at == LANES * LANE { long(text) } else { at + short(&text[at..]) }
}

/// Appends `text` as a JSON string.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    if says_itself(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_escaped(out, text.as_bytes());
    }
    out.push(b'"');
}

/// Appends a text in which something has to be escaped, from one such byte to the next.
fn write_escaped(out: &mut Vec<u8>, mut text: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    loop {
        let (said, rest) = text.split_at(plain(text));
        out.extend_from_slice(said);
        let [byte, rest @ ..] = rest else { return };
        match byte {
            b'"' => out.extend_from_slice(br#"\""#),
            b'\\' => out.extend_from_slice(br"\\"),
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            b'\t' => out.extend_from_slice(br"\t"),
            0x08 => out.extend_from_slice(br"\b"),
            0x0c => out.extend_from_slice(br"\f"),
            control => {
                let [high, low] = [control >> 4, control & 15].map(|half| HEX[usize::from(half)]);
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
        }
        text = rest;
    }
}

/// Whether nothing in a text means anything in a string: told of whole words where they are short.
pub(crate) fn says_itself(text: &[u8]) -> bool {
    let is_lane_plain = |lane: Option<&[u8; LANE]>| lane.map_or(0, marks_of_lane) == 0;
    let is_word_plain = |word: Option<&[u8; 8]>| !word.is_some_and(|word| has_mark(*word));
    match text.len() {
        0..8 => short(text) == text.len(),
        8..16 => is_word_plain(text.first_chunk()) && is_word_plain(text.last_chunk()),
        16..=32 => is_lane_plain(text.first_chunk()) && is_lane_plain(text.last_chunk()),
        length => plain(text) == length,
    }
}

/// Whether one of eight bytes is a quotation mark, a backslash or a control character.
fn has_mark(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(word);
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & (ONES << 7) != 0
}

/// What is left of a text that is less than a lane.
fn short(rest: &[u8]) -> usize {
    let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len())
}

/// A text of which the first lanes are plain.
#[inline(never)]
fn long(text: &[u8]) -> usize {
    let mut at = LANES * LANE;
    at += none_marked(&text[at..]);
    let (lanes, rest) = text[at..].as_chunks::<LANE>();
    for lane in lanes {
        let marks = marks_of_lane(lane);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize;
        }
        at += LANE;
    }
    at + short(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_means_something_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for length in [1, 15, 16, 17, 47, 48, 49, 64, 200, 400] {
                for at in (0..length).step_by(if length > 64 { 7 } else { 1 }) {
                    let mut text = [0x20, 0x7f, 0x80, 0xff].repeat(100);
                    text.truncate(length);
                    text[at] = byte;
                    let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
                    let found = if is_special { at } else { length };
                    assert_eq!(plain(&text), found, "{byte} {at} {length}");
                }
            }
        }
        assert_eq!(plain(b""), 0);
    }

    #[test]
    fn a_string_is_written_as_serde_writes_it() {
        for character in (0..0x300).filter_map(char::from_u32) {
            let lengths = [0, 1, 6, 7, 8, 13, 14, 15, 20, 31, 32, 33, 47, 60, 300];
            let texts = lengths.map(|length| "b".repeat(length)).into_iter();
            for text in texts.flat_map(|b| [format!("{b}{character}"), format!("{character}{b}")]) {
                let mut out = b"[".to_vec();
                write_string(&mut out, &text);
                assert_eq!(out[1..], serde_json::to_vec(&text).unwrap(), "{text}");
            }
        }
    }
}
