//! One JSON array that arrives element by element: where the elements end, what they say.
//!
//! An event is an element with the bracket or the comma before it; so an element goes as soon as it is
//! closed. The closing bracket is an event of its own. Elements are told apart, not checked: what cannot
//! be JSON is an element too, for whoever reads it to refuse.
//!
//! ```
//! use ferro_wire::{Cutter, json_array::{self, Event}};
//!
//! let mut cutter = Cutter::new(json_array::FRAMING, 1 << 20);
//! cutter.push(r#"[{"a":"]"}, {"b":"#.into());
//! let whole = cutter.cut()?;
//! assert_eq!(json_array::events(&whole).collect::<Vec<_>>(), [Event::Element(br#"{"a":"]"}"#)]);
//! cutter.push("2}\n]".into());
//! let whole = cutter.cut()?;
//! assert_eq!(
//!     json_array::events(&whole).collect::<Vec<_>>(),
//!     [Event::Element(br#"{"b":2}"#), Event::End]
//! );
//! # Ok::<(), ferro_wire::EventTooLarge>(())
//! ```

use memchr::memchr2;

use crate::{Framing, Searched};

/// The framing of an array's elements. An object that stands in no array is an element too.
pub const FRAMING: Framing = Framing::new(whole, first).with_memory(search);

/// What an event of the array is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event<'a> {
    /// An element's text, without what stands around it; empty where a comma follows nothing.
    Element(&'a [u8]),
    /// The array is closed.
    End,
}

/// The events of a buffer, in order. What stands behind the last end is one too, unless it is white
/// space: a number ends where something else begins, and bytes may be [left](crate::Cutter::rest) of a
/// stream.
pub fn events(bytes: &[u8]) -> impl Iterator<Item = Event<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = Scan::default().end(rest, 0).unwrap_or(rest.len());
        let (event, behind) = rest.split_at(end);
        rest = behind;
        let event = trimmed(event);
        (!event.is_empty()).then(|| Event::of(event))
    })
}

impl<'a> Event<'a> {
    fn of(event: &'a [u8]) -> Self {
        let element = event.strip_prefix(b"[").or_else(|| event.strip_prefix(b","));
        match trimmed(element.unwrap_or(event)) {
            b"]" => Self::End,
            element => Self::Element(element),
        }
    }
}

/// Without JSON's white space around it. What ASCII has besides is none: a form feed is an element that
/// its reader refuses.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..]
    | [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] = bytes
    {
        bytes = rest;
    }
    bytes
}

fn whole(bytes: &[u8]) -> usize {
    search(bytes, Searched::default()).0
}

fn first(bytes: &[u8]) -> usize {
    Scan::default().end(bytes, 0).unwrap_or(0)
}

fn search(bytes: &[u8], searched: Searched) -> (usize, Searched) {
    let mut scan = Scan::recall(searched.memory);
    let (mut whole, mut from) = (0, searched.length);
    while let Some(end) = scan.end(bytes, from) {
        (whole, from, scan) = (end, end, Scan::default());
    }
    (whole, Searched { length: bytes.len() - whole, memory: scan.memory() })
}

/// What a search has seen of an event.
#[derive(Clone, Copy, Default)]
struct Scan {
    place: Place,
    /// How many brackets of the element are open.
    depth: u64,
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Place {
    /// Before everything but white space.
    #[default]
    Start,
    /// Behind the array's bracket.
    Opened,
    /// Behind a comma.
    Continued,
    /// In a number or a word, which ends where something else begins.
    Scalar,
    /// In an object or an array, outside its strings.
    Nested,
    /// In a string.
    Text,
    /// In a string, behind a backslash.
    Escaped,
}

/// The places by the number that [`Scan::memory`] gives them.
const PLACES: [Place; 7] = {
    use Place::{Continued, Escaped, Nested, Opened, Scalar, Start, Text};
    [Start, Opened, Continued, Scalar, Nested, Text, Escaped]
};

impl Scan {
    fn memory(self) -> u64 {
        self.depth << 3 | self.place as u64
    }

    fn recall(memory: u64) -> Self {
        let place = usize::try_from(memory & 7).ok().and_then(|number| PLACES.get(number));
        Self { place: place.copied().unwrap_or_default(), depth: memory >> 3 }
    }

    /// Where the event ends that has been searched up to `from`, if it does.
    fn end(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while at < bytes.len() {
            if self.place == Place::Text {
                at += memchr2(b'"', b'\\', &bytes[at..])?;
            }
            let is_before = matches!(
                (self.place, bytes[at]),
                (Place::Scalar, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r')
                    | (Place::Continued, b',' | b']')
                    | (Place::Opened, b',')
            );
            if is_before {
                return Some(at);
            }
            let is_last = self.pass(bytes[at]);
            at += 1;
            if is_last {
                return Some(at);
            }
        }
        None
    }

    /// Goes over a byte, and says whether the event ends behind it.
    fn pass(&mut self, byte: u8) -> bool {
        match (self.place, byte) {
            (Place::Start | Place::Opened | Place::Continued, b' ' | b'\t' | b'\n' | b'\r') => {}
            (Place::Start | Place::Opened, b']') => return true,
            (Place::Start, b'[') => self.place = Place::Opened,
            (Place::Start, b',') => self.place = Place::Continued,
            (Place::Start | Place::Opened | Place::Continued, _) => self.begin(byte),
            (Place::Nested, b'{' | b'[') => self.depth += 1,
            (Place::Nested, b'}' | b']') => {
                self.depth -= 1;
                return self.depth == 0;
            }
            (Place::Nested, b'"') => self.place = Place::Text,
            (Place::Text, b'"') => {
                self.place = Place::Nested;
                return self.depth == 0;
            }
            (Place::Text, b'\\') => self.place = Place::Escaped,
            (Place::Escaped, _) => self.place = Place::Text,
            (Place::Scalar | Place::Nested | Place::Text, _) => {}
        }
        false
    }

    /// An element begins.
    fn begin(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => (self.place, self.depth) = (Place::Nested, 1),
            b'"' => self.place = Place::Text,
            _ => self.place = Place::Scalar,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::Cutter;

    fn heard(pieces: impl IntoIterator<Item = Bytes>) -> (Vec<String>, Bytes) {
        let mut cutter = Cutter::new(FRAMING, usize::MAX);
        let mut all = Vec::new();
        for piece in pieces {
            cutter.push(piece);
            let whole = cutter.cut().unwrap();
            all.extend(events(&whole).map(|event| match event {
                Event::Element(element) => String::from_utf8_lossy(element).into_owned(),
                Event::End => "END".to_owned(),
            }));
        }
        (all, cutter.rest())
    }

    fn of(text: &str) -> Vec<String> {
        heard([Bytes::copy_from_slice(text.as_bytes())]).0
    }

    const STREAM: &str = concat!(
        "[{\n  \"a\": \"]}\\\\\\\"{[\"\n}\n,\r\n{\"b\":[{\"c\":[]},[[]]],\"\u{20ac}\":{}}",
        ",\"x,]\\\"\", [1,[2]] ,null\n, -1.5e3,[],{}\n]\n",
    );

    #[test]
    fn any_size_of_piece_gives_the_same_elements() {
        let expected = [
            "{\n  \"a\": \"]}\\\\\\\"{[\"\n}",
            "{\"b\":[{\"c\":[]},[[]]],\"\u{20ac}\":{}}",
            "\"x,]\\\"\"",
            "[1,[2]]",
            "null",
            "-1.5e3",
            "[]",
            "{}",
            "END",
        ];
        for size in 1..=STREAM.len() {
            let (events, rest) = heard(STREAM.as_bytes().chunks(size).map(Bytes::from_static));
            assert_eq!(events, expected, "{size}");
            assert_eq!(rest, "\n");
        }
    }

    #[test]
    fn an_element_goes_as_soon_as_it_is_closed() {
        assert_eq!(of("[{\"a\":1}"), ["{\"a\":1}"]);
        assert_eq!(of("[[1]"), ["[1]"]);
        // A number may go on.
        assert_eq!(of("[12"), [""; 0]);
    }

    #[test]
    fn an_empty_array_and_a_lone_object_are_understood() {
        assert_eq!(of(" [ ] "), ["END"]);
        assert_eq!(of("{\"error\":{}}\n"), ["{\"error\":{}}"]);
    }

    #[test]
    fn what_is_no_array_is_left_to_the_reader_of_its_elements() {
        assert_eq!(of("[,{}]"), ["", "{}", "END"]);
        assert_eq!(of("[{},]"), ["{}", "", "END"]);
        assert_eq!(of("[{},,1]"), ["{}", "", "1", "END"]);
        assert_eq!(of("}]"), ["}", "END"]);
        assert_eq!(of("Bad Gateway\n"), ["Bad", "Gateway"]);
        assert_eq!(of("{]{}"), ["{]", "{}"]);
        assert_eq!(of("[\u{c} ,{}"), ["\u{c}", "{}"], "a form feed is no white space in JSON");
    }

    #[test]
    fn a_long_element_is_not_searched_from_its_beginning() {
        let text = format!("[{{\"a\":\"{}", "x".repeat(100));
        let (whole, searched) = search(text.as_bytes(), Searched::default());
        assert_eq!((whole, searched.length), (0, text.len()));
        // What was searched is not looked at again: an end in it would be found otherwise.
        let other = "{}".repeat(text.len() / 2 + 1)[..text.len()].to_owned() + "\"},1,";
        let mut after = searched;
        assert_eq!(FRAMING.whole_after(other.as_bytes(), &mut after), other.len() - 1);
        assert_eq!(after.length, 1);
    }

    /// Brackets, commas, quotes and backslashes where they end nothing.
    const ELEMENT: &str = concat!(
        r#"\{"([\[\]{},]|\\\\|\\"){0,4}":\[1, "€"\]\}"#,
        r#"|-?[1-9]{1,3}|true|"([ ,\]}]|\\")*""#,
    );

    proptest! {
        #[test]
        fn arrays_fall_into_their_elements_however_they_are_cut(
            elements in prop::collection::vec(ELEMENT, 0..6),
            gap in "[ \t\r\n]{0,2}",
            mut cuts in prop::collection::vec(0..400_usize, 0..12),
        ) {
            let text = format!("[{gap}{}{gap}]", elements.join(&format!("{gap},{gap}")));
            let bytes = Bytes::from(text.clone());
            cuts.retain(|cut| *cut < bytes.len());
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let (mut events, rest) = heard(cuts.windows(2).map(|pair| bytes.slice(pair[0]..pair[1])));
            prop_assert_eq!(events.pop(), Some("END".to_owned()), "{}", text);
            prop_assert_eq!(events, elements);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_fall_the_same_way_however_they_are_cut(
            text in "[\\[\\]{},\"\\\\ 1\n]{0,40}",
            size in 1..8_usize,
        ) {
            let bytes = Bytes::from(text.into_bytes());
            let pieces = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size)));
            prop_assert_eq!(heard(pieces), heard([bytes.clone()]));
        }
    }
}
