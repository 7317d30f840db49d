//! Policy before the upstream is asked.

use std::{borrow::Cow, time::Duration};

use async_trait::async_trait;
use ferro_wire::Rope;
use http::StatusCode;
use tokio::time::Instant;

use crate::{Frame, Principal, Record, RequestId, Subject, SurfaceKind};

/// Decides whether a request goes on. May edit it.
///
/// Guards stand in the configured order; each sees what the one before left. A verdict is a
/// decision. An error means that no decision was reached, and the request fails: a guard that breaks
/// fails closed.
#[async_trait]
pub trait Guard: Send + Sync {
    /// Decides.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves nothing reserved.
    async fn admit(
        &self,
        cx: &GuardContext<'_>,
        request: &mut dyn Subject,
    ) -> Result<Verdict, PluginError>;
}

/// What a guard or a tap is told besides the request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GuardContext<'a> {
    /// The request's name.
    pub request_id: &'a RequestId,
    /// Who calls.
    pub principal: &'a Principal,
    /// What is asked for.
    pub surface: SurfaceKind,
    /// Which turn this is: 0 for the client's own request, more inside a tool loop.
    pub turn: u32,
    /// The clock.
    pub now: Instant,
}

impl<'a> GuardContext<'a> {
    /// The first turn of a request, now.
    pub fn new(request_id: &'a RequestId, principal: &'a Principal, surface: SurfaceKind) -> Self {
        Self { request_id, principal, surface, turn: 0, now: Instant::now() }
    }
}

/// A guard's decision.
#[non_exhaustive]
pub enum Verdict {
    /// Go on.
    Continue,
    /// Refuse. Not an error: it is what the guard is for.
    Deny {
        /// The status for the client.
        status: StatusCode,
        /// The error's code, in the vocabulary of the client's dialect.
        code: Cow<'static, str>,
        /// Why, for the client. Says nothing that the client must not learn.
        reason: String,
        /// When asking again may help.
        retry_after: Option<Duration>,
    },
    /// Do not ask the upstream: this is the answer. The guards after this one still decide.
    Answer(Recording),
    /// Go on, and keep this until the request has ended.
    Reserve(Box<dyn Reservation>),
}

/// A reply that was recorded earlier.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Recording {
    /// A reply in one piece.
    Whole(Rope),
    /// A stream's frames, in order.
    Frames(Vec<Frame>),
}

/// Something held while a request is under way: a place in a budget, a slot.
pub trait Reservation: Send {
    /// The request ended like this. Hands over and returns; never blocks. A reservation that is
    /// dropped instead is given back in full.
    fn settle(self: Box<Self>, record: &Record);
}

/// A plugin that could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("plugin `{plugin}` failed: {message}")]
pub struct PluginError {
    /// Which plugin.
    pub plugin: String,
    /// What happened.
    pub message: String,
}

impl PluginError {
    /// `plugin` failed, as `message` says.
    pub fn new(plugin: impl Into<String>, message: impl Into<String>) -> Self {
        Self { plugin: plugin.into(), message: message.into() }
    }
}
