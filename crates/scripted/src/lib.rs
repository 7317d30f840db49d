//! The one scripted upstream, over real sockets: a vendor that answers the same to the same.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let upstream = ferro_scripted::Upstream::start().await?;
//! assert!(upstream.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), std::io::Error>(()) }).unwrap();
//! ```
//!
//! # Limitations
//!
//! Chat over HTTP/1.1 with a content length; further faults are scripted by magic model names:
//! `error-<status>`, `cut` (a stream that breaks off), `dead` (the connection closes unanswered).

mod upstream;
mod vendor;

pub use upstream::{Received, Upstream};
pub use vendor::{STREAM_TEXT, WHOLE_TEXT};
