//! What is fuzzed: a function for everything that eats bytes from outside.
//!
//! A [`Target`] is a law over all bytes, which panics where it does not hold. `cargo xtask fuzz` has
//! libFuzzer look for such bytes, by the program in `driver`; `tests/corpus.rs` feeds every target its
//! corpus, the fixtures that it begins from, and damaged copies of both, in every run of the tests.
//!
//! A target is a file in `src/targets`, its line in the list there, and a folder with a few inputs in
//! `corpus`. A chat dialect needs three lines of its own: the laws of what it writes and reads stand in
//! [`chat`], and hold for any wire.

pub mod chat;
mod cuts;
mod framed;
mod frames;
mod seeds;
mod target;
mod targets;

pub use cuts::cuts;
pub use framed::holds_at_every_cut;
pub use frames::frames;
pub use seeds::Seeds;
pub use target::Target;
