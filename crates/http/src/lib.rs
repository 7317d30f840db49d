//! The data plane: routes, authentication, errors, and replies on their way out.
//!
//! A [`Plane`] answers requests, whoever listens; [`router`] mounts it in anyone's server, under any
//! prefix. It iterates over the dialects that the gateway's build lists and knows none of them.
//!
//! # Limitations
//!
//! Limits per address, CORS and access logs are not here yet.

mod admission;
mod arrival;
mod byte_body;
mod listing;
mod models;
mod name;
mod operations;
mod outbound;
mod plane;
mod render;
mod routes;
mod stream;
mod unsaid;

pub use byte_body::BrokenOff;
pub use outbound::Outbound;
pub use plane::{Incoming, Plane, router};
