//! Policy while the reply passes.

use tokio::time::Instant;

use crate::{Delta, GuardContext};

/// Starts watching replies.
pub trait Tap: Send + Sync {
    /// Called once per reply, before its first event.
    fn open(&self, cx: &GuardContext<'_>) -> Box<dyn TapSession>;
}

/// Watches one reply. Sees every event before the client does, in order, and may edit it.
pub trait TapSession: Send {
    /// An event is about to pass.
    fn event(&mut self, event: &mut dyn Delta, now: Instant) -> Flow;

    /// The time that an earlier [`Flow::Hold`] named has come.
    fn due(&mut self, now: Instant) -> Flow {
        let _ = now;
        Flow::Pass
    }

    /// The reply is over; what is still held passes or not.
    fn end(&mut self) -> Flow {
        Flow::Pass
    }
}

/// What is to happen with an event, and with those that were held before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Flow {
    /// It passes, and so does everything that was held.
    Pass,
    /// It waits, with everything after it, until a later event, [`TapSession::due`] or
    /// [`TapSession::end`] says otherwise.
    Hold {
        /// When to ask again, at the latest.
        until: Instant,
    },
    /// The reply ends here. What was held is never shown.
    Cut {
        /// Why, for the client.
        reason: String,
    },
}
