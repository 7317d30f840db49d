//! The elements of an array as it arrives.

use ferro_wire::json_array::{self, Event};
use serde_json::value::RawValue;

use crate::{Seeds, Target, holds_at_every_cut};

pub(crate) static TARGETS: &[Target] =
    &[Target { name: "json-array", run, seeds: &[Seeds::Bodies("providers", "application/json")] }];

fn run(bytes: &[u8]) {
    holds_at_every_cut(json_array::FRAMING, bytes, |events, out: &mut Vec<_>| {
        out.extend(json_array::events(events).map(|event| match event {
            Event::Element(text) => Some(text.to_vec()),
            Event::End => None,
        }));
    });
    // What is an array has the elements that another reader sees.
    if let Ok(elements) = serde_json::from_slice::<Vec<&RawValue>>(bytes) {
        let elements = elements.iter().map(|element| Event::Element(element.get().as_bytes()));
        let expected: Vec<_> = elements.chain([Event::End]).collect();
        assert_eq!(json_array::events(bytes).collect::<Vec<_>>(), expected);
    }
}
