//! Bedrock's Converse, whose stream is binary frames.

use ferro_core::{Wire, chat::Chat};
use ferro_provider_bedrock::wire;
use ferro_wire::event_stream::{self, Value};

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "bedrock-request",
        run: |bytes| each(|wire, model| chat::request(wire, model, bytes)),
        seeds: &[Seeds::Files("providers/bedrock", "request.json")],
    },
    Target {
        name: "bedrock-whole",
        run: |bytes| each(|wire, model| chat::whole(wire, model, bytes)),
        seeds: &[Seeds::Bodies("providers/bedrock", "application/json")],
    },
    Target {
        name: "bedrock-stream",
        run: stream,
        seeds: &[Seeds::Bodies("providers/bedrock", "application/vnd.amazon.eventstream")],
    },
];

/// Models of families that are told different things.
const MODELS: [&str; 4] = [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "mistral.mistral-large-2407-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc123",
];

fn each(law: impl Fn(&dyn Wire<Chat>, &str)) {
    let wire = wire();
    for model in MODELS {
        law(&wire, model);
    }
}

/// Bytes as they are, and the frames of the lines that they are, whose checksums no search would find.
fn stream(bytes: &[u8]) {
    let (wire, framed) = (wire(), framed(bytes));
    for stream in [bytes, &framed] {
        for model in &MODELS[..2] {
            chat::stream(&wire, model, stream);
        }
    }
}

/// A frame for each line, as fixtures are written: `eventType {…}` or `!exceptionType {…}`. What is left
/// behind the last line's end stays as it is.
fn framed(lines: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            out.extend_from_slice(line);
            break;
        };
        let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (name, payload) = (&line[..at], line.get(at + 1..).unwrap_or_default());
        let name = String::from_utf8_lossy(name);
        let (kind, of, name) = match name.strip_prefix('!') {
            Some(name) => ("exception", ":exception-type", name),
            None => ("event", ":event-type", &*name),
        };
        let headers = [
            (":message-type", Value::Text(kind)),
            (of, Value::Text(name)),
            (":content-type", Value::Text("application/json")),
        ];
        event_stream::write(&mut out, &headers, payload).expect("inputs are short");
    }
    out
}
