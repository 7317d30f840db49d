//! AWS event-stream frames: where they end, what they say, how they are written.
//!
//! A frame is its length and that of its headers, a checksum of both, headers, a payload, and a checksum
//! of everything before it; numbers are big-endian, checksums are CRC-32. Both checksums, the lengths and
//! every header are checked when a frame is read, so one that is handed out is whole.
//! The format: <https://smithy.io/2.0/aws/amazon-eventstream.html>, read 2026-11-29.
//!
//! ```
//! use ferro_wire::{Cutter, event_stream::{self, Value}};
//!
//! let mut stream = Vec::new();
//! let headers = [(":event-type", Value::Text("messageStop"))];
//! event_stream::write(&mut stream, &headers, br#"{"stopReason":"end_turn"}"#)?;
//!
//! let mut cutter = Cutter::new(event_stream::FRAMING, 1 << 20);
//! cutter.push(stream.into());
//! let whole = cutter.cut()?;
//! for frame in event_stream::frames(&whole) {
//!     let frame = frame?;
//!     assert_eq!(frame.text(":event-type"), Some("messageStop"));
//!     assert_eq!(frame.payload(), br#"{"stopReason":"end_turn"}"#);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod frame;
mod header;
mod prelude;
#[cfg(test)]
mod tests;
mod write;

pub use error::FrameError;
pub use frame::{Frame, frames};
pub use header::Value;
pub use write::{Unwritable, write};

use crate::Framing;
use prelude::Prelude;

/// The framing of frames. What cannot begin a frame is whole at once: whoever reads it says what is
/// wrong, and nobody waits for as many bytes as a broken length says.
pub const FRAMING: Framing = Framing::new(whole, first).with_announced(announced);

fn first(bytes: &[u8]) -> usize {
    match Prelude::read(bytes) {
        Ok(Some(prelude)) if prelude.length <= bytes.len() => prelude.length,
        Ok(_) => 0,
        Err(_) => bytes.len(),
    }
}

fn whole(bytes: &[u8]) -> usize {
    let mut whole = 0;
    loop {
        match first(&bytes[whole..]) {
            0 => return whole,
            length => whole += length,
        }
    }
}

fn announced(bytes: &[u8]) -> usize {
    match Prelude::read(bytes) {
        Ok(Some(prelude)) => prelude.length,
        _ => 0,
    }
}
