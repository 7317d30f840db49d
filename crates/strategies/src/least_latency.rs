//! Whoever has been fastest lately.

use std::{mem, time::Duration};

use ferro_core::{Candidate, Order, Strategy, View};

use crate::{
    draw::{Dice, Line, race},
    shares::Shares,
};

/// Which of a roll's numbers decides whether somebody is probed: none that a candidate has.
const PROBE: u64 = u64::MAX;

/// Asks the fastest target first: the latency is what the engine shows of each, which for streams is
/// the time to the first token.
///
/// Whoever was never seen, or not for a while, is asked first now and then, so that the first one
/// ever asked is not asked for ever, and one that was slow once can show that it no longer is. Behind
/// the others it stands ready all the time.
#[derive(Clone, Copy, Debug)]
pub struct LeastLatency {
    probe_share: f64,
    stale_after: Duration,
}

impl Default for LeastLatency {
    /// One request in twenty, while a target has not been seen for a minute.
    fn default() -> Self {
        Self { probe_share: 0.05, stale_after: Duration::from_secs(60) }
    }
}

impl LeastLatency {
    /// Probes with this share of the requests (0 for none, 1 for all) while there is a target that
    /// was never seen, or not for `stale_after`.
    pub fn probing(probe_share: f64, stale_after: Duration) -> Self {
        Self { probe_share, stale_after }
    }

    fn is_due(&self, candidate: &Candidate<'_>) -> bool {
        candidate.latency.is_none() || candidate.age.is_some_and(|age| age > self.stale_after)
    }
}

impl Strategy for LeastLatency {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let dice = Dice::new(view.roll);
        let shares = Shares::of(view.candidates);
        let seen = |at: usize| view.candidates[at].latency;
        let line =
            Line::of(shares.live().filter_map(|(at, _)| Some((at, seen(at)?.as_secs_f64()))));

        if !line.is_empty() && dice.unit(PROBE) <= self.probe_share {
            let due = shares.live().filter(|(at, _)| self.is_due(&view.candidates[*at]));
            if let Some(probed) = race(dice, due).iter().next() {
                out.push(probed, "probed: it has not been seen lately");
            }
        }
        let mut reason = "fastest lately";
        out.extend(line.iter().map(|at| (at, mem::replace(&mut reason, "next fastest"))));
        let unseen = race(dice, shares.live().filter(|(at, _)| seen(*at).is_none()));
        out.extend(unseen.iter().map(|at| (at, "never seen, drawn by weight")));
    }
}
