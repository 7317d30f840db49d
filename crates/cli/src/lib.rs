//! The command tree: `serve`, `demo`, `validate`, `version`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]

mod commands;
mod demo;

pub use commands::main;
