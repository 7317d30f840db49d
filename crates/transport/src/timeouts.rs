//! How long an upstream may take.

use std::time::Duration;

/// How long an upstream may take, step by step. The defaults let a reasoning model think for ten
/// minutes before its first byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// Until the head of the answer.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(10), first_byte: seconds(600), idle: seconds(300) }
    }
}
