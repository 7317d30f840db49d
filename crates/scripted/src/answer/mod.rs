//! Ordinary answers: a chat reply whole or in events, what other surfaces say, media, and the list of
//! models.

mod content;
mod documents;
mod media;
mod models;
mod render;
mod schema;
mod wire;

pub(crate) use content::Content;
pub(crate) use documents::document;
pub(crate) use media::media;
pub(crate) use models::{list, one};
pub(crate) use render::{chunks, events_of_text, whole};

/// What a whole reply says.
pub const WHOLE_TEXT: &str = "Hello from the scripted upstream.";
/// What a streamed reply says, chunk by chunk.
pub const STREAM_TEXT: &[&str] = &["Hello", " from", " a", " stream."];
