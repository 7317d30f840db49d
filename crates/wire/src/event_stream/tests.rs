//! Frames against AWS's own library, against damage, and at every chunking.

use std::ops::Range;

use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::{
    DateTime,
    event_stream::{Header, HeaderValue, Message},
};
use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::{Cutter, EventTooLarge};

/// A frame, however it is written.
#[derive(Clone, Debug)]
struct Spoken {
    headers: Vec<(String, Kept)>,
    payload: Vec<u8>,
}

/// A value that owns what it says.
#[derive(Clone, Debug)]
enum Kept {
    Plain(Value<'static>),
    Bytes(Vec<u8>),
    Text(String),
}

impl Kept {
    fn ours(&self) -> Value<'_> {
        match self {
            Self::Plain(value) => *value,
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl Spoken {
    fn headers(&self) -> Vec<(&str, Value<'_>)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.ours())).collect()
    }

    fn ours(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, &self.headers(), &self.payload).unwrap();
        out
    }

    fn theirs(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_message_to(&self.message(), &mut out).unwrap();
        out
    }

    fn message(&self) -> Message {
        let message = Message::new(self.payload.clone());
        self.headers().into_iter().fold(message, |message, (name, value)| {
            message.add_header(Header::new(name.to_owned(), their_value(value)))
        })
    }

    fn check(&self, frame: Frame<'_>) {
        assert_eq!(frame.headers().collect::<Vec<_>>(), self.headers());
        assert_eq!(frame.payload(), self.payload);
    }
}

fn their_value(value: Value<'_>) -> HeaderValue {
    match value {
        Value::Bool(is_so) => HeaderValue::Bool(is_so),
        Value::Byte(number) => HeaderValue::Byte(number),
        Value::Short(number) => HeaderValue::Int16(number),
        Value::Integer(number) => HeaderValue::Int32(number),
        Value::Long(number) => HeaderValue::Int64(number),
        Value::Bytes(bytes) => HeaderValue::ByteArray(bytes.to_vec().into()),
        Value::Text(text) => HeaderValue::String(text.to_owned().into()),
        Value::Timestamp(millis) => HeaderValue::Timestamp(DateTime::from_millis(millis)),
        Value::Uuid(bytes) => HeaderValue::Uuid(u128::from_be_bytes(bytes)),
    }
}

/// A frame with all kinds of headers, one as models speak, one with nothing.
fn three() -> [Spoken; 3] {
    let plain = |name: &str, value| (name.to_owned(), Kept::Plain(value));
    let text = |name: &str, text: &str| (name.to_owned(), Kept::Text(text.to_owned()));
    let all = vec![
        plain("yes", Value::Bool(true)),
        plain("no", Value::Bool(false)),
        plain("byte", Value::Byte(-2)),
        plain("short", Value::Short(-300)),
        plain("integer", Value::Integer(-70_000)),
        plain("long", Value::Long(i64::MIN)),
        ("bytes".to_owned(), Kept::Bytes(vec![0, 255])),
        text("text", "\u{20ac}"),
        plain("timestamp", Value::Timestamp(1_796_000_000_123)),
        plain("uuid", Value::Uuid(*b"0123456789abcdef")),
    ];
    let usual = vec![
        text(":event-type", "contentBlockDelta"),
        text(":content-type", "application/json"),
        text(":message-type", "event"),
    ];
    let delta = br#"{"contentBlockIndex":0,"delta":{"text":"Hi"}}"#;
    [
        Spoken { headers: all, payload: b"{}".to_vec() },
        Spoken { headers: usual, payload: delta.to_vec() },
        Spoken { headers: Vec::new(), payload: Vec::new() },
    ]
}

fn value() -> impl Strategy<Value = Kept> {
    prop_oneof![
        any::<bool>().prop_map(|is_so| Kept::Plain(Value::Bool(is_so))),
        any::<i8>().prop_map(|number| Kept::Plain(Value::Byte(number))),
        any::<i16>().prop_map(|number| Kept::Plain(Value::Short(number))),
        any::<i32>().prop_map(|number| Kept::Plain(Value::Integer(number))),
        any::<i64>().prop_map(|number| Kept::Plain(Value::Long(number))),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Kept::Bytes),
        ".{0,8}".prop_map(Kept::Text),
        // As far as their library can write.
        (-(1_i64 << 52)..1 << 52).prop_map(|millis| Kept::Plain(Value::Timestamp(millis))),
        any::<[u8; 16]>().prop_map(|bytes| Kept::Plain(Value::Uuid(bytes))),
    ]
}

fn spoken() -> impl Strategy<Value = Spoken> {
    let headers = prop::collection::vec((".{1,12}", value()), 0..5);
    let payload = prop::collection::vec(any::<u8>(), 0..40);
    (headers, payload).prop_map(|(headers, payload)| Spoken { headers, payload })
}

/// Cuts the pieces, and reads what is whole.
fn check_pieces(pieces: impl Iterator<Item = Bytes>, expected: &[Spoken]) {
    let mut cutter = Cutter::new(FRAMING, 4096);
    let mut expected = expected.iter();
    for piece in pieces {
        cutter.push(piece);
        for frame in frames(&cutter.cut().unwrap()) {
            expected.next().unwrap().check(frame.unwrap());
        }
    }
    assert_eq!((expected.len(), cutter.len()), (0, 0));
}

fn ranges(length: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(size).map(move |at| at..length.min(at + size))
}

fn damage(bytes: &[u8]) -> FrameError {
    frames(bytes).find_map(Result::err).expect("something is wrong with it")
}

/// A frame with these headers as they stand, and right checksums.
fn sealed(headers: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for length in [16 + headers.len(), headers.len()] {
        out.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

#[test]
fn frames_that_the_vendors_library_writes_are_read_at_every_chunking() {
    let spoken = three();
    let stream = Bytes::from(spoken.iter().flat_map(Spoken::theirs).collect::<Vec<_>>());
    for size in 1..=stream.len() {
        check_pieces(ranges(stream.len(), size).map(|range| stream.slice(range)), &spoken);
    }
}

#[test]
fn a_header_is_found_by_its_name_and_the_first_of_several_counts() {
    let text = |name: &str, text: &str| (name.to_owned(), Kept::Text(text.to_owned()));
    let number = ("n".to_owned(), Kept::Plain(Value::Byte(1)));
    let headers = vec![text("a", "1"), text("b", "2"), text("a", "3"), number];
    let bytes = Spoken { headers, payload: Vec::new() }.theirs();
    let frame = frames(&bytes).next().unwrap().unwrap();
    assert_eq!((frame.text("a"), frame.text("b"), frame.text("c")), (Some("1"), Some("2"), None));
    assert_eq!((frame.text("n"), frame.header("n")), (None, Some(Value::Byte(1))));
}

#[test]
fn a_flipped_bit_is_refused_wherever_it_is() {
    for spoken in three() {
        let right = spoken.theirs();
        for bit in 0..right.len() * 8 {
            let mut wrong = right.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let error = damage(&wrong);
            let is_prelude = bit / 8 < 12;
            match error {
                FrameError::PreludeChecksum { said, counted } if is_prelude => {
                    assert_ne!(said, counted);
                }
                FrameError::MessageChecksum { said, counted } if !is_prelude => {
                    assert_ne!(said, counted);
                }
                error => panic!("bit {bit}: {error}"),
            }
        }
    }
}

#[test]
fn what_cannot_be_a_frame_is_not_waited_for() {
    let mut cutter = Cutter::new(FRAMING, 1 << 20);
    cutter.push(Bytes::from_static(b"HTTP/1.1 502"));
    let whole = cutter.cut().unwrap();
    assert!(matches!(damage(&whole), FrameError::PreludeChecksum { .. }));
}

#[test]
fn a_hostile_length_is_refused_before_it_has_arrived() {
    let mut prelude = [u32::MAX.to_be_bytes(), [0; 4]].concat();
    prelude.extend_from_slice(&crc32fast::hash(&prelude).to_be_bytes());
    let mut cutter = Cutter::new(FRAMING, 1 << 20);
    let first = three()[1].theirs();
    cutter.push([&first[..], &prelude[..11]].concat().into());
    assert_eq!(cutter.cut().unwrap(), first);
    cutter.push(prelude[11..].to_vec().into());
    assert_eq!(cutter.cut(), Err(EventTooLarge { limit: 1 << 20 }));
}

#[test]
fn a_frame_of_the_largest_size_passes_and_one_byte_more_does_not() {
    let bytes = Bytes::from(Spoken { headers: Vec::new(), payload: vec![7; 100] }.theirs());
    for (limit, passes) in [(116, true), (115, false)] {
        let mut cutter = Cutter::new(FRAMING, limit);
        cutter.push(bytes.slice(..12));
        assert_eq!(cutter.cut().is_ok(), passes, "{limit}");
    }
}

#[test]
fn errors_name_what_is_wrong() {
    let prelude = |length: u32, headers: u32| {
        let lengths = [length.to_be_bytes(), headers.to_be_bytes()].concat();
        [&lengths[..], &crc32fast::hash(&lengths).to_be_bytes(), &[0; 8]].concat()
    };
    let whole = three()[1].theirs();
    let cases = [
        (prelude(15, 0), "the frame's length is 15, and cannot be less than 16"),
        (prelude(20, 5), "the headers' length is 5, and the frame has room for 4"),
        (whole[..5].to_vec(), "the frame ends after 5 bytes of its prelude"),
        (whole[..50].to_vec(), "the frame ends after 50 bytes of 148"),
        (sealed(b"\x00\x00"), "the name of header 0 is empty"),
        (sealed(b"\x01a\x00\x05ab"), "the name of header 1 is cut short"),
        (sealed(b"\x01\xFF\x00"), "the name of header 0 is not UTF-8"),
        (sealed(b"\x01a"), "the value of the header `a` is missing"),
        (sealed(b"\x01a\x04\0\0\0"), "the value of the header `a` is cut short"),
        (sealed(b"\x01a\x07\0\x02x"), "the value of the header `a` is cut short"),
        (sealed(b"\x01a\x07\0\x01\xFF"), "the value of the header `a` is not UTF-8"),
        (sealed(b"\x01a\x0A"), "the header `a` has a value of kind 10, and there are 0 to 9"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(damage(&bytes).to_string(), expected);
    }
}

#[test]
fn frames_behind_a_wrong_one_are_not_read() {
    let [_, right, _] = three();
    let mut bytes = [right.theirs(), right.theirs(), right.theirs()].concat();
    bytes[right.theirs().len() + 20] ^= 1;
    let read: Vec<_> = frames(&bytes).map(|frame| frame.is_ok()).collect();
    assert_eq!(read, [true, false]);
}

#[test]
fn what_is_too_long_is_not_written() {
    let (name, value) = ("n".repeat(256), "v".repeat(32_768));
    for headers in [
        [(name.as_str(), Value::Bool(true))],
        [("", Value::Bool(true))],
        [("a", Value::Text(&value))],
    ] {
        let mut out = b"before".to_vec();
        assert!(write(&mut out, &headers, b"").is_err());
        assert_eq!(out, b"before");
    }
}

proptest! {
    #[test]
    fn both_libraries_write_the_same_bytes_and_read_them(
        spoken in prop::collection::vec(spoken(), 1..4),
        size in 1..100_usize,
    ) {
        let ours: Vec<_> = spoken.iter().map(Spoken::ours).collect();
        let theirs: Vec<_> = spoken.iter().map(Spoken::theirs).collect();
        prop_assert_eq!(&ours, &theirs);
        for (bytes, spoken) in ours.iter().zip(&spoken) {
            prop_assert_eq!(read_message_from(&mut &bytes[..]).unwrap(), spoken.message());
        }
        let stream = Bytes::from(theirs.concat());
        check_pieces(ranges(stream.len(), size).map(|range| stream.slice(range)), &spoken);
    }

    #[test]
    fn no_headers_panic_and_the_vendors_library_refuses_no_frame_that_is_read(
        headers in prop::collection::vec(prop_oneof![0..12_u8, any::<u8>()], 0..40),
    ) {
        let bytes = sealed(&headers);
        let theirs = read_message_from(&mut &bytes[..]);
        if let Some(Ok(frame)) = frames(&bytes).next() {
            let theirs = theirs.unwrap();
            prop_assert_eq!(theirs.headers().len(), frame.headers().count());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let read = frames(&bytes).flatten().count();
        // No bytes at all are no frame; others would need a checksum that fits by chance.
        prop_assert_eq!(read, 0);
    }
}
