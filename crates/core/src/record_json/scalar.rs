//! The values of a record's line: most need no look at what has to be escaped, and none a detour.

use std::{
    cell::Cell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

#[inline]
pub(super) fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

#[inline]
pub(super) fn field<T>(
    out: &mut Vec<u8>,
    name: &str,
    value: T,
    write: impl FnOnce(&mut Vec<u8>, T),
) {
    put(out, name);
    write(out, value);
}

#[inline]
pub(super) fn maybe<T>(
    out: &mut Vec<u8>,
    name: &str,
    value: Option<T>,
    write: impl FnOnce(&mut Vec<u8>, T),
) {
    put(out, name);
    option(out, value, write);
}

pub(super) fn any(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("a record's values can be written into memory");
}

/// A word of ours, in which nothing has to be escaped.
#[inline]
pub(super) fn word(out: &mut Vec<u8>, word: &str) {
    put(out, "\"");
    put(out, word);
    put(out, "\"");
}

thread_local! {
    /// The second that was written last, and its text: many records begin in one.
    static SECOND: Cell<(u64, [u8; 19])> = const { Cell::new((u64::MAX, [0; 19])) };
}

/// RFC 3339, in UTC, to the millisecond.
pub(super) fn timestamp(out: &mut Vec<u8>, at: SystemTime) {
    let whole = Display(humantime::format_rfc3339_millis(at));
    let Ok(since) = at.duration_since(UNIX_EPOCH) else { return any(out, &whole) };
    let (second, text) = SECOND.get();
    if second != since.as_secs() {
        let start = out.len();
        any(out, &whole);
        if let Some(text) = out.get(start + 1..).and_then(<[u8]>::first_chunk) {
            SECOND.set((since.as_secs(), *text));
        }
        return;
    }
    put(out, "\"");
    out.extend_from_slice(&text);
    out.extend_from_slice(&behind_point(since.subsec_millis()));
    put(out, "Z\"");
}

#[inline]
pub(super) fn flag(out: &mut Vec<u8>, value: bool) {
    put(out, if value { "true" } else { "false" });
}

#[inline]
pub(super) fn number(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        // Most counts of a usage are 0.
        Ok(digit @ 0..=9) => out.push(b'0' + digit),
        _ => any(out, &value),
    }
}

/// Fifteen digits: as many as a float always gives back as they were.
const EXACT: u64 = 1_000_000_000_000_000;

/// Milliseconds with the microseconds behind the point, and at least one digit there: as a float is
/// written, without making one.
pub(super) fn millis(out: &mut Vec<u8>, span: Duration) {
    let micros = match u64::try_from(span.as_micros()) {
        Ok(micros) if micros < EXACT => micros,
        _ => return any(out, &Millis(span)),
    };
    number(out, micros / 1000);
    let digits = behind_point((micros % 1000) as u32);
    let kept = match digits {
        [.., b'0', b'0'] => 2,
        [.., b'0'] => 3,
        _ => 4,
    };
    out.extend_from_slice(&digits[..kept]);
}

/// Thousandths, below one thousand: a point and three digits.
#[inline]
fn behind_point(thousandths: u32) -> [u8; 4] {
    let digit = |power| b'0' + (thousandths / power % 10) as u8;
    [b'.', digit(100), digit(10), digit(1)]
}

#[derive(Serialize)]
struct Millis(#[serde(serialize_with = "crate::record::millis")] Duration);

struct Display<T>(T);

impl<T: std::fmt::Display> Serialize for Display<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

#[inline]
pub(super) fn option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    match value {
        Some(value) => write(out, value),
        None => put(out, "null"),
    }
}

pub(super) fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    put(out, "[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            put(out, ",");
        }
        write(out, item);
    }
    put(out, "]");
}
