//! Storms: vendors that fail in every way that vendors do, over real sockets, and what clients see of
//! it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod circuits;
mod crowd;
mod keys;
mod stays;
mod streams;
mod ways;
mod weather;
