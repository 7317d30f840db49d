//! What a server says when it will not: words, and nothing but words.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError};
use ferro_dialect_openai::refusal as words;
use http::response::Parts;

/// Reads a refusal that came with a status.
pub(crate) fn read(head: &Parts, body: Bytes) -> ProviderError {
    told(words::read(head, body, &[]))
}

/// Reads an error that came inside a reply whose status was a success.
pub(crate) fn in_band(body: Bytes) -> ProviderError {
    told(words::in_band(body, &[]))
}

/// A model that has no eyes, no tools or no thoughts is this model's affair: another may have them.
fn told(error: ProviderError) -> ProviderError {
    let says = |words: &str| error.message().is_some_and(|said| said.contains(words));
    let kind = match error.kind() {
        ErrorKind::Invalid if says("does not support") => ErrorKind::Unsupported,
        ErrorKind::Invalid | ErrorKind::Unavailable if says("exceeds the context length") => {
            ErrorKind::ContextLength
        }
        ErrorKind::Unavailable if says("not found") => ErrorKind::NotFound,
        kind => kind,
    };
    error.with_kind(kind)
}
