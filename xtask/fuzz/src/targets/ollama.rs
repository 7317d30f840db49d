//! Ollama's own wire, whose stream is a JSON object a line.

use ferro_core::{Wire, chat::Chat};
use ferro_provider_ollama::wire;
use http::HeaderMap;

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "ollama-request",
        run: |bytes| chat::request(&server(), MODEL, bytes),
        seeds: &[Seeds::Files("providers", "request.json")],
    },
    Target {
        name: "ollama-whole",
        run: |bytes| chat::whole(&server(), MODEL, bytes),
        seeds: &[Seeds::Bodies("providers/ollama", "application/json")],
    },
    Target {
        name: "ollama-stream",
        run: |bytes| chat::written_stream(&server(), MODEL, bytes),
        seeds: &[Seeds::Bodies("providers/ollama", "application/x-ndjson")],
    },
];

/// The wire does not differ by models.
const MODEL: &str = "qwen3:8b";

fn server() -> impl Wire<Chat> {
    wire("", HeaderMap::new())
}
