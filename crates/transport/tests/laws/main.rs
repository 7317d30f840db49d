//! What the transport promises, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod cancellation;
mod egress;
mod errands;
mod framing;
mod issuers;
mod media;
mod multiplexed;
mod origin;
mod pooling;
mod proxies;
mod public;
mod public_ways;
mod timeouts;
mod tls;
mod traces;
mod uploads;
