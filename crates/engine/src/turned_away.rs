//! A request that nobody could be asked for: why, and when to come again.

use std::time::Duration;

use ferro_core::{ErrorKind, Fate, Problem};

use crate::plan::unavailable;

/// What kept a request from being asked of anybody.
#[derive(Debug, Default)]
pub(crate) struct TurnedAway {
    /// The shortest time until somebody may be asked again.
    wait: Option<Duration>,
    is_saturated: bool,
}

impl TurnedAway {
    pub(crate) fn by(&mut self, fate: Fate) {
        match fate.wait() {
            Some(wait) => self.wait = Some(self.wait.map_or(wait, |shortest| shortest.min(wait))),
            None => self.is_saturated = true,
        }
    }

    /// The problem for the client. A target that is merely busy may answer soonest.
    pub(crate) fn problem(&self, model: &str) -> Problem {
        if self.is_saturated {
            let class = ErrorKind::Saturated.class();
            let message = format!("every target that has the model `{model}` is busy");
            return Problem::new(class.status, class.kind, class.code, message)
                .with_retry_after(Some(Duration::from_secs(1)));
        }
        let message = format!(
            "every target that has the model `{model}` has failed lately and is left alone for now"
        );
        unavailable(message).with_retry_after(self.wait.map(whole_seconds))
    }
}

/// Rounded up: whoever comes back then finds somebody to ask.
fn whole_seconds(wait: Duration) -> Duration {
    let more = u64::from(wait.subsec_nanos() > 0);
    Duration::from_secs(wait.as_secs().saturating_add(more).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_who_may_be_asked_again_says_when_to_come_back() {
        let mut turned_away = TurnedAway::default();
        turned_away.by(Fate::Open(Duration::from_millis(29_001)));
        turned_away.by(Fate::Cooling(Duration::from_millis(1_500)));
        let problem = turned_away.problem("m");
        assert_eq!((problem.status.as_u16(), &*problem.code), (503, "upstream_unavailable"));
        assert_eq!(problem.retry_after, Some(Duration::from_secs(2)));
        turned_away.by(Fate::Saturated);
        let problem = turned_away.problem("m");
        assert_eq!((problem.status.as_u16(), &*problem.code), (429, "provider_saturated"));
        assert_eq!(problem.retry_after, Some(Duration::from_secs(1)));
    }
}
