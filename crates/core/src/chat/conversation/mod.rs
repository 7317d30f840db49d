//! A chat request taken apart, for a vendor whose wire is another.
//!
//! A vendor of this wire never needs it: its requests are the client's bytes. Everything is read in
//! one pass and borrowed, and what nobody here knows is kept under `rest`, for the codec to pass on or
//! to report.

mod choice;
mod content;
mod message;
mod reasoning;
mod source;
#[cfg(test)]
mod tests;
mod tool;

pub use choice::{ResponseFormat, Schema, ToolChoice};
pub use content::{Audio, Content, File, Link, Part};
pub use message::{Call, Function, Message, Role};
pub use reasoning::{Detail, Reasoning};
pub use source::Source;
pub use tool::{Signature, Tool};
