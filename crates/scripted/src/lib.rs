//! The one scripted upstream, over real sockets: a vendor that answers the same to the same.
//!
//! What it says is a [`Script`]: bytes, pauses, and how the connection ends. Which script answers a
//! request is a pure function of the request: its path, and for a chat the name of its model and
//! what it asks for (tools, a JSON schema, several choices, …). A test that wants something else
//! queues scripts or brings a function of its own ([`Builder`]). Everything that arrives is kept,
//! byte for byte, with the moments at which connections came and went.
//!
//! ```
//! use ferro_scripted::{Events, Upstream};
//! use std::time::Duration;
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let cut = Events::of_text(&["Hel", "lo"]).every(Duration::from_millis(5)).cut_after(2);
//! let upstream = Upstream::builder().script(cut).start().await?;
//! assert!(upstream.base_url().starts_with("http://127.0.0.1:"));
//! assert!(upstream.requests().is_empty());
//! # Ok::<(), std::io::Error>(()) }).unwrap();
//! ```
//!
//! # Model names
//!
//! Any name gets an ordinary answer. [`model_names`] lists those that get another one. Numbers may
//! follow, each after a dash: `error-429`, `stall-3` (silent after the third event), `late-200` (the
//! first token after 200 ms), `huge-20` (20 MiB), `paced-20-5-4-100` (a hundred words, four events a
//! write, 5 ms apart, the first after 20 ms).
//!
//! # Limitations
//!
//! HTTP/1.1 without TLS. A request is answered when all of it has arrived, so a request that is
//! refused while it is being sent cannot be scripted.

mod answer;
mod asked;
mod book;
mod events;
mod faults;
mod journal;
mod memo;
mod refusal;
mod reply;
mod request;
mod script;
mod socket;
mod upstream;

pub use answer::{STREAM_TEXT, WHOLE_TEXT};
pub use book::{by_the_book, model_names};
pub use events::Events;
pub use journal::{Closed, Connection, Side};
pub use refusal::{Shape, refusal};
pub use reply::Reply;
pub use request::Received;
pub use script::Script;
pub use upstream::{Builder, Upstream};
