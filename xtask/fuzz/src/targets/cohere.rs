//! Cohere's wire: as Cohere speaks it, and as a host does whose path says what the body then need not.

use ferro_core::{Wire, chat::Chat};
use ferro_dialect_cohere::{ChatWire, Profile};
use http::{HeaderMap, Uri};

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "cohere-request",
        run: |bytes| each(2, |wire| chat::request(wire, MODEL, bytes)),
        seeds: &[Seeds::Files("providers/cohere", "request.json")],
    },
    Target {
        name: "cohere-whole",
        run: |bytes| each(1, |wire| chat::whole(wire, MODEL, bytes)),
        seeds: &[Seeds::Bodies("providers/cohere", "application/json")],
    },
    Target {
        name: "cohere-stream",
        run: |bytes| each(1, |wire| chat::written_stream(wire, MODEL, bytes)),
        seeds: &[Seeds::Bodies("providers/cohere", "text/event-stream")],
    },
];

/// The wire does not differ by models.
const MODEL: &str = "command-a-03-2025";

/// The first hosts. What they answer does not differ.
fn each(count: usize, law: impl Fn(&dyn Wire<Chat>)) {
    let hosted = Profile { names_model: false, says_stream: false, ..Profile::COHERE };
    for profile in [Profile::COHERE, hosted].into_iter().take(count) {
        law(&ChatWire::new(profile, Uri::from_static("/v2/chat"), HeaderMap::new()));
    }
}
