//! Blocks for which the wire has no word: they go to the client as they are, to come back in their
//! place.

use ferro_core::chat::Members;
use ferro_wire::write_string;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What of a message stands before a block. Without it nobody could say, behind a text, that a search
/// of the vendor's was asked for in its middle.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Behind {
    /// So many thoughts.
    pub(crate) thoughts: usize,
    /// So many characters of the content.
    pub(crate) characters: usize,
    /// So many calls.
    pub(crate) calls: usize,
}

/// Members of such a block that are ours: its place in the list, of a stream, and what it stands behind.
pub(crate) const OURS: [&str; 2] = ["index", "behind"];

/// Members that came later than the block itself.
pub(super) type Later = Vec<(&'static str, Box<RawValue>)>;

/// The block whole, with its place.
pub(super) fn placed(json: &str, index: Option<u32>, behind: Behind, later: &Later) -> String {
    let mut out = b"{".to_vec();
    if let Some(index) = index {
        member(&mut out, "index", &index.to_string());
    }
    let behind = serde_json::to_string(&behind).expect("counts are JSON");
    member(&mut out, "behind", &behind);
    let has_come = |name| later.iter().any(|(own, _)| *own == name);
    let members = Members::of(json).unwrap_or_default();
    for (name, value) in members.iter().filter(|(name, _)| !has_come(*name)) {
        member(&mut out, name, value.get());
    }
    for (name, value) in later {
        member(&mut out, name, value.get());
    }
    out.push(b'}');
    String::from_utf8(out).expect("texts between brackets are text")
}

fn member(out: &mut Vec<u8>, name: &str, json: &str) {
    if out.len() > 1 {
        out.push(b',');
    }
    write_string(out, name);
    out.push(b':');
    out.extend_from_slice(json.as_bytes());
}

/// Such blocks as a list.
pub(super) fn list(blocks: &[String]) -> Box<RawValue> {
    let list = format!("[{}]", blocks.join(","));
    RawValue::from_string(list).expect("blocks of JSON between brackets are a list")
}
