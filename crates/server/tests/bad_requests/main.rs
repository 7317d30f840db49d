//! Requests that cannot be understood, on every route: over real sockets, each is told in its dialect what
//! is wrong and where, and no upstream hears of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod documents;
mod forms;
mod gateway;
#[path = "../listening/mod.rs"]
mod listening;
mod passed_on;
mod row;
