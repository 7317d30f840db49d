//! Documents put in order of relevance: what most vendors call `results`, some call `data`.

use bytes::Bytes;
use ferro_core::{
    Decoder, Frame, ProviderError,
    chat::Members,
    document::{DocumentReply, DocumentRequest, Rerank},
};
use ferro_wire::{Framing, offset_of, splice};
use http::response::Parts;

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
        let body = named(&body).unwrap_or(body);
        self.0.whole(head, body)
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.0.read(events, out)
    }

    fn is_finished(&self) -> bool {
        false
    }
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
