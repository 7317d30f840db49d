//! Policy after a request has ended.

use crate::Record;

/// Learns how every request ended. Cannot fail, and must not block: it hands over.
pub trait Observer: Send + Sync {
    /// Called exactly once per request, after the last byte went (or the client did).
    fn observe(&self, record: &Record);
}
