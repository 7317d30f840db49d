//! What implementations of the contracts are tried by: suites of named laws, an upstream inside the
//! process, and a clock that tests move.
//!
//! # The provider suite
//!
//! [`providers`] makes one named test of each factory × surface that it claims × law, so that a
//! failure reads `acme::chat::a_truncated_stream_is_an_error`. A provider is built through its own
//! factory from an environment that is made up, and asked through the driver that the engine uses,
//! over a [`Script`]: an upstream that feeds what vendors said, kept in files, at chosen cuts, and
//! remembers what it was sent. No sockets, no keys, no waiting.
//!
//! A provider crate's `tests/conformance.rs` (with `harness = false` in its manifest) is
//!
//! ```no_run
//! # static PROVIDERS: &[&dyn ferro_core::ProviderFactory] = &[];
//! fn main() -> std::process::ExitCode {
//!     ferro_testkit::providers(PROVIDERS, "tests/fixtures")
//! }
//! ```
//!
//! and its cases stand in `tests/fixtures/<kind>/<surface>/<case>/`, or in `<_set>/…` for every kind
//! of the crate:
//!
//! | file | holds |
//! |---|---|
//! | `source` | where the case comes from: `document <address> read <date>`, `sdk <package> <version> <types>`, `recorded <address> <date>` or `constructed: <why>`. Without it a case is refused. |
//! | `upstream.http` | status line, headers, blank line, and the body to the byte; `@@MEBIBYTE@@` stands for so much text, here and in the other files. AWS event-stream frames are written as lines, `eventType {…}` or `!exceptionType {…}`, which AWS's own library makes frames |
//! | `first.http` | for a vendor that answers in two steps: what it answers to the `POST` that makes the reply, which is then got |
//! | `reply.json` | `usage`, `finish`, and `body` where it is not the vendor's |
//! | `events.json` | `usage`, `finish`, and `data` where the events do not say what the vendor's do; for a stream that breaks, `error` and how many events it `passes` |
//! | `error.json` | `kind`, `message`, perhaps `code` and `retry_after_ms` |
//! | `request.json` | the client's request, if the surface's sample will not do; a form in `request.form`; one with a method and an address of its own in `request.http` |
//! | `sent.json` | what the vendor must get, if the case is about that |
//!
//! A vendor that cannot be caught in one of the kinds of cases that the suite asks for says so in
//! `tests/fixtures/<kind>/<surface>/impossible.txt`, a line for each: the kind of case, a colon, why. A
//! shared set's name there says that none of its cases is this kind's, whose words are others.
//!
//! What fails and is known to is listed in `tests/known-failures.txt`; a listed trial that passes is
//! an error.
//!
//! # Oracles
//!
//! What a vendor takes, its own client library knows better than we do. [`oracle`] has a script under
//! the installed libraries judge what we would send, and read what we fed. An [`Asker`] asks a target
//! for that, and [`Heard`] is what came of it.
//!
//! # Strategies
//!
//! [`strategies`] names the laws of its contract that a strategy breaks, and
//! [`strategies_that_ask_everybody`] the one that most keep besides. Where shares are promised,
//! [`first_shares`] counts them and [`tolerance`] says how far off chance may be.
//!
//! # Limitations
//!
//! A vendor's stream is cut into server-sent events, AWS
//! event-stream frames, or else lines. Laws about connections need sockets, and are tried where those
//! are.

mod asker;
mod bench;
mod clock;
mod cut;
mod environment;
mod fixture;
mod frames;
mod heard;
mod known;
mod laws;
mod listener;
mod oracle;
mod script;
mod strategies;
mod suite;
mod surfaces;
mod tree;

pub use asker::Asker;
pub use clock::Clock;
pub use frames::frames;
pub use heard::Heard;
pub use oracle::oracle;
pub use script::{Answer, Flow, Script, Sent, Step};
pub use strategies::{first_shares, strategies, strategies_that_ask_everybody, tolerance};
pub use suite::{Suite, providers};
