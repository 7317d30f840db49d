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

/// How a call failed, as the counter of provider errors tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallError {
    /// Nothing came back in time.
    Timeout,
    /// Anything else.
    Provider,
    /// The client left before the end.
    ClientCanceled,
}

impl CallError {
    pub(crate) const ALL: [Self; 3] = [Self::Timeout, Self::Provider, Self::ClientCanceled];

    /// In the words that dashboards know.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Provider => "provider_error",
            Self::ClientCanceled => "client_canceled",
        }
    }
}

/// Handles of one (provider, model) pair.
#[derive(Clone, Debug)]
pub struct Series {
    pub(crate) requests: [Counter; 3],
    pub(crate) duration: Durations,
    pub(crate) tokens_in: Counter,
    pub(crate) tokens_out: Counter,
    pub(crate) cost: Counter<f64, AtomicU64>,
    pub(crate) unpriced: Counter,
    /// The provider's, whatever the model.
    pub(crate) errors: [Counter; 3],
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

    /// That cost this much, in dollars.
    pub fn cost(&self, dollars: f64) {
        self.cost.inc_by(dollars);
    }

    /// That cost something that nobody can tell.
    pub fn unpriced(&self) {
        self.unpriced.inc();
    }

    /// A call to the provider failed.
    pub fn error(&self, error: CallError) {
        self.errors[error as usize].inc();
    }
}
