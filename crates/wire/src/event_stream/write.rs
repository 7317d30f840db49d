//! Writes frames: for an upstream that is scripted, and for tests.

use super::{
    Value,
    prelude::{CHECKSUM, PRELUDE},
};

/// The longest text, and the most bytes, that a header's value can be: AWS's own libraries take no more,
/// although there is room for twice as much.
const MAX_VALUE: usize = i16::MAX as usize;

/// Something is too long for a frame.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} has {length} bytes, and a frame takes {at_least} to {at_most}")]
pub struct Unwritable {
    /// What: a header's name, its value, the frame.
    pub what: String,
    /// How long it is.
    pub length: usize,
    /// How short it may be.
    pub at_least: usize,
    /// How long it may be.
    pub at_most: usize,
}

/// Writes one frame behind what is there. On an error nothing is written.
pub fn write(
    out: &mut Vec<u8>,
    headers: &[(&str, Value<'_>)],
    payload: &[u8],
) -> Result<(), Unwritable> {
    let start = out.len();
    let written = write_frame(out, headers, payload);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

fn write_frame(
    out: &mut Vec<u8>,
    headers: &[(&str, Value<'_>)],
    payload: &[u8],
) -> Result<(), Unwritable> {
    let start = out.len();
    out.extend_from_slice(&[0; PRELUDE]);
    for (name, value) in headers {
        write_header(out, name, *value)?;
    }
    let headers = out.len() - start - PRELUDE;
    out.extend_from_slice(payload);
    let length = out.len() - start + CHECKSUM;
    fits("the frame", length, 0, u32::MAX as usize)?;
    let lengths = [length, headers].map(|length| u32::try_from(length).unwrap_or(u32::MAX));
    for (at, number) in lengths.iter().enumerate() {
        out[start + 4 * at..][..4].copy_from_slice(&number.to_be_bytes());
    }
    let checksum = crc32fast::hash(&out[start..start + PRELUDE - CHECKSUM]);
    out[start + PRELUDE - CHECKSUM..][..CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&checksum.to_be_bytes());
    Ok(())
}

fn write_header(out: &mut Vec<u8>, name: &str, value: Value<'_>) -> Result<(), Unwritable> {
    fits(&format!("the header's name `{name}`"), name.len(), 1, usize::from(u8::MAX))?;
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(name.as_bytes());
    let (kind, fixed, sized): (u8, &[u8], Option<&[u8]>) = match value {
        Value::Bool(true) => (0, &[], None),
        Value::Bool(false) => (1, &[], None),
        Value::Byte(number) => (2, &number.to_be_bytes(), None),
        Value::Short(number) => (3, &number.to_be_bytes(), None),
        Value::Integer(number) => (4, &number.to_be_bytes(), None),
        Value::Long(number) => (5, &number.to_be_bytes(), None),
        Value::Bytes(bytes) => (6, &[], Some(bytes)),
        Value::Text(text) => (7, &[], Some(text.as_bytes())),
        Value::Timestamp(number) => (8, &number.to_be_bytes(), None),
        Value::Uuid(bytes) => (9, &{ bytes }, None),
    };
    out.push(kind);
    out.extend_from_slice(fixed);
    if let Some(bytes) = sized {
        fits(&format!("the value of the header `{name}`"), bytes.len(), 0, MAX_VALUE)?;
        out.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    Ok(())
}

fn fits(what: &str, length: usize, at_least: usize, at_most: usize) -> Result<(), Unwritable> {
    if (at_least..=at_most).contains(&length) {
        return Ok(());
    }
    Err(Unwritable { what: what.to_owned(), length, at_least, at_most })
}
