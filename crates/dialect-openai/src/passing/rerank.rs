//! Documents put in order of relevance: what most vendors call `results`, some call `data`.

use bytes::Bytes;
use ferro_core::{
    Decoder, Frame, ProviderError, Usage, Whole,
    chat::Members,
    document::{DocumentReply, DocumentRequest, Rerank},
};
use ferro_wire::{Framing, offset_of, splice};
use http::response::Parts;
use serde::Deserialize;

use super::{Passed, plain::PlainDecoder};
use crate::Vendor;

impl Passed for Rerank {
    const PATH: &'static str = "/rerank";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        Box::new(Ranking(PlainDecoder::new(vendor, RESULTS)))
    }
}

const RESULTS: &str = "results";
const DATA: &[u8] = b"\"data\"";

/// Reads a ranking, whatever it is called.
struct Ranking(PlainDecoder<Rerank>);

impl Decoder<Rerank> for Ranking {
    fn framing(&self) -> Framing {
        self.0.framing()
    }

    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<DocumentReply<Rerank>, ProviderError> {
        let searches = searches(&body);
        let body = named(&body).unwrap_or(body);
        let reply = self.0.whole(head, body)?;
        let usage = reply.usage().or(searches);
        Ok(DocumentReply::new(reply.into_body(), usage))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.0.read(events, out)
    }

    fn is_finished(&self) -> bool {
        false
    }
}

/// The searches that are billed, where a vendor counts as Cohere does.
fn searches(body: &[u8]) -> Option<Usage> {
    #[derive(Deserialize)]
    struct Reply {
        meta: Meta,
    }
    #[derive(Deserialize)]
    struct Meta {
        billed_units: Billed,
    }
    #[derive(Deserialize)]
    struct Billed {
        search_units: f64,
    }
    ferro_wire::needle(body, b"\"billed_units\"", b'{')?;
    let units = serde_json::from_slice::<Reply>(body).ok()?.meta.billed_units.search_units;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    (units >= 0.0).then(|| Usage::searches(units as u64))
}

/// A reply whose list has the name that clients know; `None` where it has it, or there is none.
fn named(body: &[u8]) -> Option<Bytes> {
    ferro_wire::needle(body, DATA, b'[')?;
    let members = serde_json::from_slice::<Members<'_>>(body).ok()?;
    let list = members.get("data").filter(|_| members.get(RESULTS).is_none())?;
    let value = offset_of(body, list.as_bytes());
    let name = body[..value.start].trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let start = name.strip_suffix(DATA)?.len();
    let name = format!("\"{RESULTS}\"");
    Some(splice(body, vec![(start..start + DATA.len(), name.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gets_the_name_that_clients_know_and_nothing_else_changes() {
        let ranked =
            r#"{"object":"list", "data" : [{"index":1,"relevance_score":9e-1}],"x":"data"}"#;
        let expected = ranked.replace("\"data\" :", "\"results\" :");
        assert_eq!(named(ranked.as_bytes()).unwrap(), expected);
        for own in [r#"{"results":[],"data":[]}"#, r#"{"data":{}}"#, "[]", r#"{"x":{"data":[]}}"#] {
            assert_eq!(named(own.as_bytes()), None, "{own}");
        }
    }
}
