//! Bedrock's Converse, whose stream is binary frames.

use ferro_core::{Wire, chat::Chat};
use ferro_provider_bedrock::wire;

use crate::{Seeds, Target, chat, frames};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "bedrock-request",
        run: |bytes| each(&MODELS, |wire, model| chat::request(wire, model, bytes)),
        seeds: &[Seeds::Files("providers/bedrock", "request.json")],
    },
    Target {
        name: "bedrock-whole",
        run: |bytes| each(&MODELS[..2], |wire, model| chat::whole(wire, model, bytes)),
        seeds: &[Seeds::Bodies("providers/bedrock", "application/json")],
    },
    Target {
        name: "bedrock-stream",
        run: stream,
        seeds: &[Seeds::Bodies("providers/bedrock", "application/vnd.amazon.eventstream")],
    },
];

/// Models of families that are told different things. A reply of the first is held to a schema, one of the
/// second by a tool.
const MODELS: [&str; 4] = [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "mistral.mistral-large-2407-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc123",
];

fn each(models: &[&str], law: impl Fn(&dyn Wire<Chat>, &str)) {
    let wire = wire();
    for model in models {
        law(&wire, model);
    }
}

/// Bytes as lines that frames are made of, and as they are.
fn stream(bytes: &[u8]) {
    let framed = frames(bytes);
    each(&MODELS[..2], |wire, model| chat::written_stream(wire, model, &framed));
    each(&MODELS[..1], |wire, model| chat::written_stream(wire, model, bytes));
}
