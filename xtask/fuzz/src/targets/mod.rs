//! The targets: a file for each format or dialect, and its line here.

mod event_stream;
mod json_array;
mod json_document;
mod ndjson;
mod openai;
mod sse;

use crate::Target;

/// Every file's targets.
pub(crate) static ALL: &[&[Target]] = &[
    event_stream::TARGETS,
    json_array::TARGETS,
    json_document::TARGETS,
    ndjson::TARGETS,
    openai::TARGETS,
    sse::TARGETS,
];
