//! Edits that leave the bytes between them alone.

use std::ops::Range;

use bytes::Bytes;

use crate::Rope;

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

/// A JSON object's text with one more member at its end; `None` if the body does not end like one.
///
/// Nothing is parsed: the caller knows that the body is an object, or that the name is not in it.
pub fn append_member(body: &Rope, name: &str, json: &[u8]) -> Option<Rope> {
    let last = body.last_non_space(body.len())?;
    if body.byte(last)? != b'}' {
        return None;
    }
    let before = body.last_non_space(last)?;
    let comma = if body.byte(before)? == b'{' { "" } else { "," };
    let mut member = Vec::with_capacity(name.len() + json.len() + 4);
    member.extend_from_slice(comma.as_bytes());
    serde_json::to_writer(&mut member, name).expect("a string is JSON");
    member.push(b':');
    member.extend_from_slice(json);
    let mut out = body.slice(0..before + 1);
    out.push(member.into());
    out.append(body.slice(before + 1..body.len()));
    Some(out)
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
    }
}
