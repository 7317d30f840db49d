//! Reads the head of an answer: bytes in, a head out, and no I/O.
//!
//! Strict where two readers could disagree about where an answer ends, because whoever answers could
//! then have one answer taken for two: a length beside chunks, lengths that differ, codings that are
//! not known, folded lines.

use std::{mem::MaybeUninit, str::from_utf8};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
};
use httparse::{ParserConfig, Status};

use crate::extent::Extent;

/// The longest head that is read, with the hints before it; and the longest trailers.
pub(crate) const MAX_HEAD: u32 = 64 << 10;
/// The most headers that a head may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// What is not an answer in HTTP/1.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Odd {
    #[error("its head is none: {0}")]
    Head(#[from] httparse::Error),
    #[error("its head is longer than {MAX_HEAD} bytes")]
    LongHead,
    #[error("its status is below 100")]
    Status,
    #[error("its content-length is not one number")]
    Length,
    #[error("it has a content-length and a transfer-encoding")]
    LengthBesideCoding,
    #[error("its transfer-encoding is not `chunked`, or it has one in HTTP/1.0")]
    Coding,
    #[error("the size of a chunk is none")]
    ChunkSize,
    #[error("a chunk is not followed by the end of its line")]
    ChunkEnd,
    #[error("more is said beside the size of a chunk than anybody means")]
    LongExtension,
    #[error("its trailers are longer than {MAX_HEAD} bytes, or no lines")]
    Trailers,
}

/// The head of an answer that is to be read.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) response: Response<()>,
    /// How far the body reaches.
    pub(crate) extent: Extent,
    /// Whether the connection may be used again once the body is read.
    pub(crate) keeps_open: bool,
}

/// Reads the head of the answer to a request. What has come of one that is not whole yet is kept.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// How was asked.
    method: Method,
    /// An empty map for the headers, so that none has to be made.
    room: HeaderMap,
    held: Vec<u8>,
    /// How long what is held must be before it is looked at again, if no empty line comes before:
    /// a head that comes byte by byte is not read from its beginning for each.
    next_look: usize,
}

impl Heads {
    /// The next head is the answer to this method.
    pub(crate) fn answer(&mut self, method: Method) {
        self.method = method;
    }

    /// A map that is not needed any more may serve for the next head.
    pub(crate) fn make_room(&mut self, mut room: HeaderMap) {
        room.clear();
        self.room = room;
    }

    /// Reads on in what has arrived. Returns the head, and how many of these bytes belong to it; the
    /// body begins behind them. Hints are passed over.
    pub(crate) fn read(&mut self, arrived: &[u8]) -> Result<Option<(Head, usize)>, Odd> {
        let before = self.held.len();
        if before > 0 {
            self.held.extend_from_slice(arrived);
            let is_worth_it = self.held.len() >= self.next_look;
            if !is_worth_it && !has_empty_line(&self.held[before.saturating_sub(3)..]) {
                return Ok(None);
            }
        }
        let all = if before > 0 { &self.held } else { arrived };
        let mut passed = 0;
        while let Some((head, length)) = parse(&all[passed..], &self.method, &mut self.room)? {
            passed += length;
            if passed > MAX_HEAD as usize {
                break;
            }
            if let Some(head) = head {
                self.held = Vec::new();
                return Ok(Some((head, passed - before)));
            }
        }
        if all.len() > MAX_HEAD as usize {
            return Err(Odd::LongHead);
        }
        if before == 0 {
            self.held.extend_from_slice(arrived);
        }
        self.next_look = self.held.len() * 2;
        Ok(None)
    }
}

/// Whether a head may end here.
fn has_empty_line(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|line| line == b"\n\r\n")
}

/// A whole head and its length, or `None` if it is not whole; a hint has a length alone.
fn parse(
    bytes: &[u8],
    method: &Method,
    room: &mut HeaderMap,
) -> Result<Option<(Option<Head>, usize)>, Odd> {
    let mut space = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut found = httparse::Response::new(&mut []);
    let parser = ParserConfig::default();
    let length = match parser.parse_response_with_uninit_headers(&mut found, bytes, &mut space)? {
        Status::Complete(length) => length,
        Status::Partial => return Ok(None),
    };
    let status = found.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Odd::Status)?;
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Some((None, length)));
    }
    let version = if found.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let mut says = Says::default();
    read_headers(&bytes[..length], found.headers, room, &mut says)?;
    let extent = says.extent(status, version, method)?;
    let keeps_open = status != StatusCode::SWITCHING_PROTOCOLS
        && extent != Extent::ToTheEnd
        && (version == Version::HTTP_11 || says.keeps)
        && !says.closes;
    let mut response = Response::new(());
    (*response.status_mut(), *response.version_mut()) = (status, version);
    *response.headers_mut() = std::mem::take(room);
    Ok(Some((Some(Head { response, extent, keeps_open }), length)))
}

/// Takes over the headers that were found in a head, as parts of one copy.
fn read_headers(
    head: &[u8],
    found: &[httparse::Header<'_>],
    headers: &mut HeaderMap,
    says: &mut Says,
) -> Result<(), Odd> {
    let copy = Bytes::copy_from_slice(head);
    headers.reserve(found.len());
    for header in found {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let name = name.map_err(|_| httparse::Error::HeaderName)?;
        says.note(&name, header.value)?;
        let value = match header.value {
            [] => Bytes::new(), // which may be anywhere
            // The copy has the value where the original has it.
            value => {
                let start = value.as_ptr().addr() - head.as_ptr().addr();
                copy.slice(start..start + value.len())
            }
        };
        let value = HeaderValue::from_maybe_shared(value);
        headers.append(name, value.map_err(|_| httparse::Error::HeaderValue)?);
    }
    Ok(())
}

/// What headers say of the body and of the connection.
#[derive(Default)]
struct Says {
    length: Option<u64>,
    is_chunked: bool,
    keeps: bool,
    closes: bool,
}

impl Says {
    fn note(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Odd> {
        if name == CONTENT_LENGTH {
            for each in value.split(|byte| *byte == b',') {
                let length = number(each.trim_ascii()).ok_or(Odd::Length)?;
                if self.length.replace(length).is_some_and(|other| other != length) {
                    return Err(Odd::Length);
                }
            }
        } else if name == TRANSFER_ENCODING {
            let is_second = std::mem::replace(&mut self.is_chunked, true);
            if is_second || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Odd::Coding);
            }
        } else if name == CONNECTION {
            for word in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                self.keeps |= word.eq_ignore_ascii_case(b"keep-alive");
                self.closes |= word.eq_ignore_ascii_case(b"close");
            }
        }
        Ok(())
    }

    /// How far the body reaches (RFC 9112, section 6.3).
    fn extent(&self, status: StatusCode, version: Version, method: &Method) -> Result<Extent, Odd> {
        match (self.length, self.is_chunked) {
            (Some(_), true) => return Err(Odd::LengthBesideCoding),
            (None, true) if version == Version::HTTP_10 => return Err(Odd::Coding),
            _ => {}
        }
        let has_none = status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        Ok(match self.length {
            _ if has_none || method == Method::HEAD => Extent::NOTHING,
            Some(length) => Extent::Length(length),
            None if self.is_chunked => Extent::chunked(),
            None => Extent::ToTheEnd,
        })
    }
}

/// Digits alone: no sign, no space.
fn number(digits: &[u8]) -> Option<u64> {
    let are_digits = digits.iter().all(u8::is_ascii_digit);
    from_utf8(digits).ok().filter(|_| are_digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<Head, Odd> {
        Ok(Heads::default().read(head.as_bytes())?.unwrap().0)
    }

    #[test]
    fn headers_are_as_they_came_and_a_body_begins_behind_them() {
        let bytes = b"HTTP/1.1 429 Slow Down\r\nRetry-After:  7 \r\nx-empty:\r\nX-A: 1\r\nx-a: 2\r\n\r\nbody";
        let (head, length) = Heads::default().read(bytes).unwrap().unwrap();
        assert_eq!(&bytes[length..], b"body");
        assert_eq!(head.response.status(), 429);
        let headers = head.response.headers();
        assert_eq!(
            (&headers["retry-after"], &headers["x-empty"]),
            (&"7".parse().unwrap(), &"".parse().unwrap())
        );
        assert!(headers.get_all("x-a").iter().eq(["1", "2"]));
        assert_eq!(head.extent, Extent::ToTheEnd);
        assert!(!head.keeps_open);
    }

    #[test]
    fn what_has_no_body_has_none_whatever_it_says() {
        for status in ["101 Switching Protocols", "204 No Content", "304 Not Modified"] {
            for said in ["content-length: 4", "transfer-encoding: chunked", "x: 1"] {
                let head = read(&format!("HTTP/1.1 {status}\r\n{said}\r\n\r\n")).unwrap();
                assert_eq!(head.extent, Extent::NOTHING, "{status}, {said}");
                assert_eq!(head.keeps_open, !status.starts_with("101"));
            }
        }
    }

    #[test]
    fn a_head_that_comes_byte_by_byte_is_looked_at_seldom_and_at_its_end() {
        let bytes = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(5000));
        let mut heads = Heads::default();
        let (last, rest) = bytes.as_bytes().split_last().unwrap();
        let mut looks = 0;
        for byte in rest {
            let before = heads.next_look;
            assert!(heads.read(&[*byte]).unwrap().is_none());
            looks += usize::from(heads.next_look != before);
        }
        assert!(looks < 20, "{looks}");
        assert!(heads.read(&[*last]).unwrap().is_some());
    }

    #[test]
    fn what_is_no_head_is_known_before_its_end() {
        assert!(matches!(Heads::default().read(b"SSH-2.0"), Err(Odd::Head(_))));
    }
}
