//! The command tree of the gateway's binaries.
//!
//! A binary is one line: it says what it was built with, and hands over.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     ferro_cli::main(ferro_core::Registry::new())
//! }
//! ```
//!
//! # The model
//!
//! A command is a function of what was typed and of its [`Surroundings`]: the environment, the
//! working directory, where its words go. [`run`] takes both as values, so that every command can be
//! tested in-process, and answers with an [`Exit`]. Besides the files and sockets that a command is
//! about, it reads and writes nothing else.
//!
//! ```
//! use ferro_cli::{Exit, Surroundings, run};
//! use ferro_core::Registry;
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let mut silent = Surroundings {
//!     environment: std::sync::Arc::new(|_| None),
//!     out: Box::new(std::io::sink()),
//!     err: Box::new(std::io::sink()),
//!     owns_process: false,
//!     ..Surroundings::of_process()
//! };
//! assert_eq!(run(["ferrogw", "version"], Registry::new(), &mut silent).await, Exit::Success);
//! assert_eq!(run(["ferrogw", "dance"], Registry::new(), &mut silent).await, Exit::Usage);
//! # });
//! ```
//!
//! A command that did what it was asked exits with 0, one that could not or that found something
//! wrong with 1, and one that was typed wrongly with 2.
//!
//! # Limitations
//!
//! Of the commands that ask a running gateway only `doctor` and `explain` are here yet. Of a file whose
//! keys cannot be read nothing is built, so what only a kind of provider knows to be wrong is told once
//! the keys are mended.

mod arguments;
mod client;
mod commands;
mod configuration;
mod exit;
mod gateway;
#[cfg(feature = "serve")]
mod logging;
mod output;
mod plain;
mod port;
mod run;
mod runtime;
mod session;
mod suggestion;
mod surroundings;
mod table;
mod variables;

pub use exit::Exit;
pub use run::{main, run};
pub use surroundings::{Again, Environment, Stop, Surroundings, Terminals};
