//! Whether a target is asked again, and after which pause.

use std::time::Duration;

use ferro_core::{ErrorKind, ProviderError, SurfaceKind};

use crate::Retry;

pub(crate) fn is_worth_repeating(retry: &Retry, error: &ProviderError) -> bool {
    match error.status() {
        Some(status) if !retry.on_status.is_empty() => retry.on_status.contains(&status.as_u16()),
        _ => error.kind().is_transient(),
    }
}

/// Whether another call, of this target or another, does nothing twice: what is asked for has no
/// effect of its own, or the one before had none yet, or the operator does not mind.
pub(crate) fn is_safe(surface: SurfaceKind, retry: &Retry, error: &ProviderError) -> bool {
    use SurfaceKind as S;
    let has_effect = matches!(surface, S::Images | S::Speech | S::Forward);
    let is_answered = error.status().is_some() && error.kind() != ErrorKind::Timeout;
    !has_effect || retry.non_idempotent || is_answered || error.kind().is_before_work()
}

/// Full jitter: anywhere between nothing and the doubled backoff, as `share` (of one) says. An
/// upstream's own advice is followed, and up to a tenth more, so that those who were told the same do
/// not come back at once.
pub(crate) fn pause(retry: &Retry, error: &ProviderError, attempt: u32, share: f64) -> Duration {
    let ceiling =
        retry.backoff.saturating_mul(1 << (attempt - 1).min(16)).min(retry.longest_backoff);
    let Some(asked) = error.retry_after() else { return ceiling.mul_f64(share) };
    let spread = (asked / 10).min(retry.longest_wait.saturating_sub(asked));
    asked.saturating_add(spread.mul_f64(share))
}

/// Each call's own share of a request's randomness, from 0 to 1.
pub(crate) fn jitter(roll: u64, calls: u64) -> f64 {
    (mixed(roll, calls) >> 32) as f64 / f64::from(u32::MAX)
}

/// A roll of its own for each of a request's calls (the last step of splitmix64).
pub(crate) fn mixed(roll: u64, calls: u64) -> u64 {
    let mut bits = roll.wrapping_add(calls.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_made_already_is_not_made_twice_unless_the_operator_says_so() {
        let (once, anyhow) = (Retry::default(), Retry { non_idempotent: true, ..Retry::default() });
        let lost = ProviderError::new(ErrorKind::IdleTimeout);
        let never_sent = ProviderError::new(ErrorKind::ConnectTimeout);
        for surface in [SurfaceKind::Images, SurfaceKind::Speech, SurfaceKind::Forward] {
            assert!(!is_safe(surface, &once, &lost) && is_safe(surface, &once, &never_sent));
            assert!(is_safe(surface, &anyhow, &lost));
            let answered = |status| {
                let head = http::Response::builder().status(status).body(()).unwrap();
                ProviderError::from_response(&head.into_parts().0, bytes::Bytes::new())
            };
            assert!(is_safe(surface, &once, &answered(500)), "it said that it has failed");
            assert!(!is_safe(surface, &once, &answered(504)), "who says so may not know");
        }
        assert!(is_safe(SurfaceKind::Chat, &once, &lost));
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let retry = Retry { longest_backoff: Duration::from_millis(700), ..Retry::default() };
        let error = ProviderError::new(ErrorKind::Overloaded);
        let pauses = (1..6).map(|attempt| pause(&retry, &error, attempt, 1.0).as_millis());
        assert_eq!(pauses.collect::<Vec<_>>(), [100, 200, 400, 700, 700]);
    }

    #[test]
    fn each_call_has_its_own_share_of_the_roll() {
        for roll in [0, 7, u64::MAX] {
            let shares: Vec<_> = (1..6).map(|calls| jitter(roll, calls)).collect();
            assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{shares:?}");
            for pair in shares.windows(2) {
                assert!((pair[0] - pair[1]).abs() > 1e-6, "{roll}: {shares:?}");
            }
        }
    }

    #[test]
    fn no_backoff_is_too_long_to_be_counted() {
        let retry = Retry { backoff: Duration::MAX, ..Retry::default() };
        let error = ProviderError::new(ErrorKind::Timeout);
        assert_eq!(pause(&retry, &error, u32::MAX, 1.0), retry.longest_backoff);
        let forever = error.with_retry_after(Duration::MAX);
        assert_eq!(pause(&retry, &forever, 1, 1.0), Duration::MAX);
    }

    #[test]
    fn advice_is_followed_and_spread_and_does_not_become_too_long_by_that() {
        let seconds = Duration::from_secs;
        let retry = Retry { longest_wait: seconds(30), ..Retry::default() };
        let wait = |asked, share| {
            let error = ProviderError::new(ErrorKind::RateLimited).with_retry_after(asked);
            pause(&retry, &error, 1, share)
        };
        assert_eq!((wait(seconds(20), 0.0), wait(seconds(20), 1.0)), (seconds(20), seconds(22)));
        assert_eq!(wait(seconds(29), 1.0), seconds(30));
        assert_eq!(wait(seconds(31), 1.0), seconds(31), "who asks for too long is still known");
    }
}
