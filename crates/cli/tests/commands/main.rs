//! Every command, run in-process in surroundings of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod demo;
mod doctor;
mod explain;
mod init;
mod listings;
mod scene;
mod serve;
mod validate;
mod what_is_typed;
