//! A share of the traffic for each, by weight, and less for whoever is loaded.

use std::{mem, time::Duration};

use ferro_core::{Candidate, Order, Strategy, View};

use crate::{
    draw::{Dice, race},
    shares::Shares,
};

/// A latency that is older says nothing about now. This is also how a target that was slow once
/// gets traffic again, and with it the chance to show otherwise.
const STALE: Duration = Duration::from_secs(30);

/// By how much latencies must differ to count. Below it the operator's weights decide alone: two
/// targets are never equally fast, and the faster one must not take everything for a millisecond.
const SLACK: f64 = 2.0;

/// Whoever answers within this is not slow, however fast the other one is: it is less than any model
/// takes, and what a busy machine adds to the fastest reply must not move the shares.
const FAST: Duration = Duration::from_millis(10);

/// Draws two targets by weight and asks the one that is less loaded first, for its weight; behind
/// them the others, drawn by weight.
///
/// While nobody is loaded the shares are exactly the weights. The load is the number of calls under
/// way for the target's share, times how slow it is where that is known and differs clearly.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadBalance;

impl Strategy for LoadBalance {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let shares = Shares::of(view.candidates);
        let line = race(Dice::new(view.roll), shares.live());
        let mut drawn = line.iter();
        let mut reason = "drawn by weight";
        if let (Some(first), Some(second)) = (drawn.next(), drawn.next())
            && is_more_loaded(view.candidates, shares, [first, second])
        {
            out.push(second, "drawn by weight, and less loaded than the one drawn before it");
            reason = "drawn by weight, but more loaded than the one drawn after it";
        }
        let next = |at| (at, mem::replace(&mut reason, "next, drawn by weight"));
        out.extend(line.iter().map(next));
    }
}

/// Whether the first of two has more load than the second. Fractions are compared crosswise, so
/// that nothing is divided by a share that is almost nothing.
fn is_more_loaded(candidates: &[Candidate<'_>], shares: Shares<'_>, pair: [usize; 2]) -> bool {
    let [first, second] = pair.map(|at| &candidates[at]);
    let [Some(one), Some(other)] = pair.map(|at| shares.share(at)) else { return false };
    // One call of one's own beside those of others, at a target of average weight.
    let mean = if first.in_flight | second.in_flight == 0 { 0.0 } else { shares.mean() };
    let calls = |of: &Candidate<'_>, share: f64| share + f64::from(of.in_flight) * mean;
    calls(first, one) * other * slowness(first, second) > calls(second, other) * one
}

/// How many times slower the first is; 1 where that is not known, or about the same.
fn slowness(first: &Candidate<'_>, second: &Candidate<'_>) -> f64 {
    let lately = |of: &Candidate<'_>| {
        let is_fresh = of.age.is_none_or(|age| age <= STALE);
        of.latency.filter(|_| is_fresh).map(|latency| latency.max(FAST).as_secs_f64())
    };
    match (lately(first), lately(second)) {
        (Some(first), Some(second)) if first > second * SLACK || second > first * SLACK => {
            first / second
        }
        _ => 1.0,
    }
}
