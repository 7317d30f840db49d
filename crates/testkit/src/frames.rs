//! AWS event-stream frames for tests that are not made of fixtures.

use bytes::Bytes;

use crate::fixture::sealed;

/// The frames of these lines, each `eventType {…}` or `!exceptionType {…}`, made by AWS's own library.
///
/// # Panics
///
/// If a line is neither.
pub fn frames(lines: &str) -> Bytes {
    sealed(lines).unwrap_or_else(|why| panic!("{why}"))
}
