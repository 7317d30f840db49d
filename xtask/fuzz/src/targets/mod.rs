//! The targets: a file for each format or dialect, and its line here.

mod anthropic;
mod bedrock;
mod cohere;
mod credentials;
mod event_stream;
mod gemini;
mod json_array;
mod json_document;
mod media;
mod multipart;
mod ndjson;
mod ollama;
mod openai;
mod retry_after;
mod sse;
mod text_sample;

use crate::Target;

/// Every file's targets.
pub(crate) static ALL: &[&[Target]] = &[
    anthropic::TARGETS,
    bedrock::TARGETS,
    cohere::TARGETS,
    credentials::TARGETS,
    event_stream::TARGETS,
    gemini::TARGETS,
    json_array::TARGETS,
    json_document::TARGETS,
    media::TARGETS,
    multipart::TARGETS,
    ndjson::TARGETS,
    ollama::TARGETS,
    openai::TARGETS,
    retry_after::TARGETS,
    sse::TARGETS,
    text_sample::TARGETS,
];
