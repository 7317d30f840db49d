//! Content judged by policy. Some vendors judge each category, and leave it to the reader whether that
//! makes the whole objectionable: then any category does.

use std::collections::BTreeMap;

use bytes::Bytes;
use ferro_core::{
    Decoder, ProviderError,
    chat::Members,
    document::{DocumentRequest, Moderations},
};
use ferro_wire::{Rope, append_member, offset_of, splice};
use serde_json::value::RawValue;

use super::{Passed, plain::PlainDecoder};
use crate::Vendor;

impl Passed for Moderations {
    const PATH: &'static str = "/moderations";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        Box::new(PlainDecoder::new(vendor, "results").with_edit(judged))
    }
}

/// A reply whose results say whether they are flagged.
#[expect(clippy::unnecessary_wraps, reason = "the type of every edit of a reply")]
fn judged(body: Bytes) -> Result<Bytes, ProviderError> {
    let Ok(members) = serde_json::from_slice::<Members<'_>>(&body) else { return Ok(body) };
    let results = members.get("results").unwrap_or_default();
    let results: Vec<&RawValue> = serde_json::from_str(results).unwrap_or_default();
    let edits: Vec<_> = results
        .into_iter()
        .filter_map(|result| {
            let judged = with_flag(result.get())?;
            Some((offset_of(&body, result.get().as_bytes()), judged))
        })
        .collect();
    Ok(if edits.is_empty() { body.clone() } else { splice(&body, edits) })
}

/// A result with a flag; `None` where it has one, or has no categories.
fn with_flag(result: &str) -> Option<Bytes> {
    let members: Members<'_> = serde_json::from_str(result).ok()?;
    if members.get("flagged").is_some() {
        return None;
    }
    let categories: BTreeMap<String, bool> =
        serde_json::from_str(members.get("categories")?).ok()?;
    let flag: &[u8] = if categories.values().any(|is_it| *is_it) { b"true" } else { b"false" };
    let result = Rope::from(Bytes::copy_from_slice(result.as_bytes()));
    Some(append_member(&result, "flagged", flag)?.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_category_makes_a_flag_where_there_is_none() {
        let said = |hate: bool, more: &str| {
            format!(
                r#"{{"id":"1","results":[{{"categories":{{"pii":false,"hate":{hate}}}{more}}}]}}"#
            )
        };
        for hate in [true, false] {
            let read = judged(said(hate, "").into()).unwrap();
            assert_eq!(read, said(hate, &format!(r#","flagged":{hate}"#)));
            let own = said(hate, r#", "flagged" : true"#);
            assert_eq!(judged(own.clone().into()).unwrap(), own, "its own word counts");
        }
        for odd in [r#"{"results":[{"categories":7}]}"#, r#"{"results":{}}"#, "{}"] {
            assert_eq!(judged(odd.into()).unwrap(), odd);
        }
    }
}
