//! Byte formats: what arrives and leaves, understood as far as needed and otherwise left alone.
//!
//! [`Rope`] is bytes in pieces. [`JsonDoc`] is a JSON object that keeps every byte nobody meant to
//! change: it indexes the top-level fields, and splices edits; [`Walk`] goes over a text that is only
//! to be looked at. [`sse`] is server-sent events, [`event_stream`] AWS's binary frames, [`ndjson`]
//! lines and [`json_array`] the elements of an array: for each of them a [`Framing`] says where a
//! stream's events end, and [`Cutter`] cuts there as bytes arrive. [`multipart`] is forms with files in
//! them. Nothing here does I/O.
//!
//! ```
//! use ferro_wire::JsonDoc;
//!
//! let mut doc = JsonDoc::parse(br#"{ "model":"fast", "seed": 12345678901234567890123 }"#.to_vec())?;
//! doc.set("model", &"gpt-4o-mini");
//! assert_eq!(
//!     doc.to_rope().to_bytes(),
//!     br#"{ "model":"gpt-4o-mini", "seed": 12345678901234567890123 }"#.as_slice(),
//! );
//! # Ok::<(), ferro_wire::JsonError>(())
//! ```
//!
//! # Limitations
//!
//! Duplicate fields are refused at the top level only; who opens a nested object refuses its own.

mod candidates;
mod cutter;
mod doc;
pub mod event_stream;
mod framing;
mod joined;
pub mod json_array;
pub mod multipart;
pub mod ndjson;
mod needle;
mod plain;
mod rope;
mod splice;
pub mod sse;
mod walk;

pub use candidates::each_pair;
pub use cutter::{Cutter, EventTooLarge};
pub use doc::{FieldError, JsonDoc, JsonError, JsonErrorKind, MAX_DEPTH, MAX_FIELDS, Scanner};
pub use framing::{Framing, Searched};
pub use joined::Joined;
pub use needle::{last_needle, needle};
pub use plain::{plain, write_string};
pub use rope::Rope;
pub use splice::{append_member, offset_of, splice};
pub use walk::Walk;
