//! The handles of one (provider, model) pair.

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::metrics::counter::Counter;

use crate::durations::Durations;

/// How a request ended, as the counter of requests tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// The client got its reply.
    Success,
    /// It did not.
    Error,
    /// The request was refused, by policy or because it was wrong.
    Rejected,
}

/// How calls fail, in the words that dashboards know: those that a request may come to again and
/// again, for which handles are kept.
pub(crate) const ERROR_TYPES: [&str; 5] =
    ["provider_error", "timeout", "client_canceled", "circuit_open", "backpressure"];

/// Handles of one (provider, model) pair.
#[derive(Clone, Debug)]
pub struct Series {
    pub(crate) requests: [Counter; 3],
    pub(crate) duration: Durations,
    pub(crate) tokens_in: Counter,
    pub(crate) tokens_out: Counter,
    pub(crate) estimated: Counter,
    pub(crate) cost: Counter<f64, AtomicU64>,
    pub(crate) unpriced: Counter,
    /// The provider's, whatever the model.
    pub(crate) errors: [Counter; ERROR_TYPES.len()],
}

impl Series {
    /// A request ended, after `duration`.
    pub fn request(&self, status: Status, duration: Duration) {
        self.requests[status as usize].inc();
        if status != Status::Rejected {
            self.duration.observe(duration);
        }
    }

    /// Tokens were read and written.
    pub fn tokens(&self, prompt: u64, completion: u64) {
        self.tokens_in.inc_by(prompt);
        self.tokens_out.inc_by(completion);
    }

    /// Of a request's tokens, all or some are our estimate.
    pub fn estimated(&self) {
        self.estimated.inc();
    }

    /// That cost this much, in dollars.
    pub fn cost(&self, dollars: f64) {
        self.cost.inc_by(dollars);
    }

    /// That cost something that nobody can tell.
    pub fn unpriced(&self) {
        self.unpriced.inc();
    }

    /// A call to the provider failed in this way. Whether there is a handle for it: what is rare has
    /// none, and is counted by [`Metrics::provider_error`](crate::Metrics::provider_error).
    pub fn error(&self, error_type: &str) -> bool {
        let known = ERROR_TYPES.iter().position(|known| *known == error_type);
        known.map(|index| self.errors[index].inc()).is_some()
    }
}
