//! JSON texts one a line: where the lines end, what they say.
//!
//! A line ends with a line feed, before which a carriage return may stand. A blank line says nothing.
//!
//! ```
//! use ferro_wire::{Cutter, ndjson};
//!
//! let mut cutter = Cutter::new(ndjson::FRAMING, 1 << 20);
//! cutter.push("{\"a\":1}\r\n\r\n{\"b\"".into());
//! assert_eq!(ndjson::lines(&cutter.cut()?).collect::<Vec<_>>(), [br#"{"a":1}"#]);
//! cutter.push(":2}".into());
//! assert!(cutter.cut()?.is_empty(), "the line may go on");
//! // The stream has ended: so has its last line.
//! assert_eq!(ndjson::lines(&cutter.rest()).collect::<Vec<_>>(), [br#"{"b":2}"#]);
//! # Ok::<(), ferro_wire::EventTooLarge>(())
//! ```

use memchr::{memchr, memrchr};

use crate::Framing;

/// The framing of lines.
pub const FRAMING: Framing = Framing::new(
    |bytes| memrchr(b'\n', bytes).map_or(0, |at| at + 1),
    |bytes| memchr(b'\n', bytes).map_or(0, |at| at + 1),
)
.with_context(0);

/// What the lines say, in order, without the white space around it and without lines that say nothing.
/// The last one may lack its end, as the bytes do that are [left](crate::Cutter::rest) of a stream.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty())
}

/// Whether there is nothing in these lines but white space.
pub fn is_silent(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().is_empty()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Cutter;

    const TEXT: &[u8] =
        b"\r\n{\"a\":\"\\n\"}\r\n\n \n{\"b\":\"\xE2\x82\xAC\"}\n[1]\r\n{\"tail\":1}";

    fn said(pieces: impl Iterator<Item = Bytes>) -> Vec<String> {
        let mut cutter = Cutter::new(FRAMING, 100);
        let mut all = Vec::new();
        let mut listen = |bytes: &[u8]| {
            all.extend(lines(bytes).map(|line| String::from_utf8(line.to_vec()).unwrap()));
        };
        for piece in pieces {
            cutter.push(piece);
            let whole = cutter.cut().unwrap();
            assert!(whole.is_empty() || whole.ends_with(b"\n"), "whole lines only");
            listen(&whole);
        }
        listen(&cutter.rest());
        all
    }

    #[test]
    fn any_size_of_piece_gives_the_same_lines_and_blank_ones_say_nothing() {
        for size in 1..=TEXT.len() {
            let lines = said(TEXT.chunks(size).map(Bytes::from_static));
            let expected = [r#"{"a":"\n"}"#, "{\"b\":\"\u{20ac}\"}", "[1]", r#"{"tail":1}"#];
            assert_eq!(lines, expected, "{size}");
        }
    }

    #[test]
    fn blank_lines_are_silent_and_others_are_not() {
        assert!(is_silent(b"") && is_silent(b"\n\r\n \t\n"));
        assert!(!is_silent(b"\n1\n"));
    }

    #[test]
    fn a_long_line_is_not_searched_from_its_beginning() {
        let mut searched = crate::Searched { length: 3, memory: 0 };
        // An end within what was searched is not there: who looks again would find it.
        assert_eq!(FRAMING.whole_after(b"\n\n\nab", &mut searched), 0);
        assert_eq!(searched.length, 5);
    }
}
