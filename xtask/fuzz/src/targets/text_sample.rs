//! What is kept of a large document: the same however it arrived, and no more than it has.

use bytes::Bytes;
use ferro_core::{ByScript, document::TextSample};
use ferro_wire::Rope;

use crate::{Seeds, Target, cuts};

pub(crate) static TARGETS: &[Target] = &[Target {
    name: "text-sample",
    run,
    seeds: &[
        Seeds::Files("providers", "request.json"),
        Seeds::Bodies("providers", "application/json"),
    ],
}];

fn run(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let tokens = TextSample::of(&bytes.clone().into()).count(&ByScript);
    // A byte is less than a token by its script, and every piece is rounded up.
    assert!(tokens <= 2 * bytes.len() as u64, "{tokens} of {} bytes", bytes.len());
    for pieces in cuts(&bytes) {
        let apart = TextSample::of(&pieces.into_iter().collect::<Rope>()).count(&ByScript);
        assert_eq!(apart, tokens, "however it arrives");
    }
}
