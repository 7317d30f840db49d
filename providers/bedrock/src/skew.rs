//! How far this machine's clock is from AWS's: a signature says when it was made, and one of more than
//! five minutes ago, or ahead, is refused.

use std::{
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_smithy_types::date_time::{DateTime, Format};
use ferro_core::{ErrorKind, ProviderError};
use http::{HeaderMap, header};

/// What AWS calls a refusal that may be about the time. Wrong keys have the same names.
const NAMES: [&str; 5] = [
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
];
/// So far apart clocks may be, in seconds: a minute less than AWS bears.
const BORNE: i64 = 4 * 60;

/// What is known of the other clock.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    /// When the last signature was made, in seconds since 1970 by AWS's clock as far as it was known.
    signed: AtomicI64,
    /// So many seconds AWS's clock is ahead of this one.
    ahead: AtomicI64,
}

impl Skew {
    /// What AWS's clock shows, as far as is known, when a signature is made `now`.
    pub(crate) fn at(&self, now: SystemTime) -> SystemTime {
        let ahead = self.ahead.load(Relaxed);
        let span = Duration::from_secs(ahead.unsigned_abs());
        let there = if ahead < 0 { now.checked_sub(span) } else { now.checked_add(span) };
        let there = there.unwrap_or(now);
        self.signed.store(seconds(there), Relaxed);
        there
    }

    /// Learns from a refusal, which says when it was made. One that was about the time, and that the
    /// next signature will not meet again, is a passing trouble and no fault of the key's.
    pub(crate) fn learn(&self, error: ProviderError) -> ProviderError {
        let is_named = error.code().is_some_and(|code| NAMES.contains(&code));
        let Some(there) = date(error.headers()).filter(|_| is_named) else { return error };
        let apart = seconds(there).saturating_sub(self.signed.load(Relaxed));
        if apart.abs() <= BORNE {
            return error;
        }
        self.ahead.fetch_add(apart, Relaxed);
        error.with_kind(ErrorKind::Unavailable)
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    DateTime::from_str(text, Format::HttpDate).ok()?.try_into().ok()
}
