//! Edits that leave the bytes between them alone.

use std::ops::Range;

use bytes::Bytes;

use crate::{Rope, write_string};

/// `text` with each range replaced. Ranges must not overlap; their order does not matter.
pub fn splice(text: &[u8], mut edits: Vec<(Range<usize>, Bytes)>) -> Bytes {
    edits.sort_by_key(|(range, _)| range.start);
    let grown: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut out = Vec::with_capacity(text.len() + grown);
    let mut at = 0;
    for (range, new) in edits {
        out.extend_from_slice(&text[at..range.start]);
        out.extend_from_slice(&new);
        at = range.end;
    }
    out.extend_from_slice(&text[at..]);
    out.into()
}

/// Where `child`, a part of `parent`'s own storage, stands in it.
///
/// # Panics
///
/// If `child` is not a part of `parent`: the two come from one parse.
pub fn offset_of(parent: &[u8], child: &[u8]) -> Range<usize> {
    let start = (child.as_ptr() as usize)
        .checked_sub(parent.as_ptr() as usize)
        .filter(|start| start + child.len() <= parent.len())
        .expect("a child lies within its parent");
    start..start + child.len()
}

/// Up to this size a body is copied together with what is appended to it: a piece costs more on its
/// way to a socket than that.
const SMALL: usize = 8 << 10;

/// A JSON object's text with one more member at its end; `None` if the body does not end like one.
///
/// Nothing is parsed: the caller knows that the body is an object, or that the name is not in it.
pub fn append_member(body: &Rope, name: &str, json: &[u8]) -> Option<Rope> {
    let last = body.last_non_space(body.len())?;
    if body.byte(last)? != b'}' {
        return None;
    }
    let before = body.last_non_space(last)?;
    let comma: &[u8] = if body.byte(before)? == b'{' { b"" } else { b"," };
    let member = |out: &mut Vec<u8>| {
        out.extend_from_slice(comma);
        write_string(out, name);
        out.push(b':');
        out.extend_from_slice(json);
    };
    let (kept, room) = (before + 1, comma.len() + name.len() + json.len() + 3);
    if body.len() > SMALL {
        let mut added = Vec::with_capacity(room);
        member(&mut added);
        let mut out = body.slice(0..kept);
        out.push(added.into());
        out.append(body.slice(kept..body.len()));
        return Some(out);
    }
    let mut out = Vec::with_capacity(body.len() + room);
    out.extend_from_slice(&body.get(0..kept));
    member(&mut out);
    out.extend_from_slice(&body.get(kept..body.len()));
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_appended_to_any_object() {
        let append = |body: &str| {
            let rope = Rope::from(body.as_bytes().to_vec());
            Some(String::from_utf8(append_member(&rope, "p", b"1")?.to_bytes().to_vec()).unwrap())
        };
        assert_eq!(append("{}").unwrap(), r#"{"p":1}"#);
        assert_eq!(append("{ \"a\": 1 }\n").unwrap(), "{ \"a\": 1,\"p\":1 }\n");
        assert_eq!(append("{\n}").unwrap(), "{\"p\":1\n}");
        assert_eq!(append("[1]"), None);
        assert_eq!(append(""), None);
        let long = format!("{{\"a\":\"{}\"\n}} ", "x".repeat(SMALL));
        assert_eq!(append(&long).unwrap(), long.replace("\"\n}", "\",\"p\":1\n}"));
        let pieces: Rope =
            [&b"{\"a"[..], b"\":1", b"} "].map(Bytes::from_static).into_iter().collect();
        assert_eq!(append_member(&pieces, "p", b"1").unwrap().to_bytes(), "{\"a\":1,\"p\":1} ");
    }
}
