//! The data plane: routes, authentication, errors, and replies on their way out.
//!
//! [`router`] mounts in anyone's server, under any prefix. It iterates over the dialects that the
//! gateway's build lists and knows none of them.
//!
//! # Limitations
//!
//! Limits per address, CORS and access logs are not here yet.

mod admission;
mod arrival;
mod listing;
mod operations;
mod render;
mod routes;
mod stream;

pub use routes::router;
