//! Policy after a request has ended.

use std::sync::Arc;

use crate::Record;

/// Learns how every request ended. Cannot fail, and must not block: it hands over, by cloning the
/// [`Arc`].
pub trait Observer: Send + Sync {
    /// Called exactly once per request, after the last byte went (or the client did).
    fn observe(&self, record: &Arc<Record>);
}
