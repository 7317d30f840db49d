//! JSON texts one a line.

use ferro_wire::ndjson;

use crate::{Seeds, Target, holds_at_every_cut};

pub(crate) static TARGETS: &[Target] =
    &[Target { name: "ndjson", run, seeds: &[Seeds::Bodies("providers", "application/x-ndjson")] }];

fn run(bytes: &[u8]) {
    holds_at_every_cut(ndjson::FRAMING, bytes, |events, out: &mut Vec<_>| {
        assert_eq!(ndjson::is_silent(events), ndjson::lines(events).next().is_none());
        out.extend(ndjson::lines(events).map(<[u8]>::to_vec));
    });
}
