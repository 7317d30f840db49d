//! `least-latency`: the fastest first, and nobody is forgotten.

use std::time::Duration;

use ferro_core::{Candidate, TargetId};
use ferro_strategies::LeastLatency;
use ferro_testkit::{first_shares, tolerance};

use crate::ask::{Ask, ROLLS, candidates, targets, weighted};

/// Candidates of which each took so many milliseconds, so many seconds ago.
fn seen<const N: usize>(
    targets: &[TargetId; N],
    lately: [Option<(u64, u64)>; N],
) -> Vec<Candidate<'_>> {
    candidates(targets, lately, |candidate, lately| {
        candidate.latency = lately.map(|(millis, _)| Duration::from_millis(millis));
        candidate.age = lately.map(|(_, seconds)| Duration::from_secs(seconds));
    })
}

#[test]
fn the_fastest_is_first_and_the_others_stand_behind_it_by_their_latency() {
    let targets = targets::<4>();
    let candidates =
        seen(&targets, [Some((300, 1)), Some((80, 1)), Some((900, 1)), Some((120, 1))]);
    for roll in 0..ROLLS {
        assert_eq!(Ask::plain().names(&LeastLatency::default(), &candidates, roll), "b d a c");
    }
}

#[test]
fn of_equals_the_first_in_order_is_first() {
    let targets = targets::<3>();
    let candidates = seen(&targets, [Some((100, 1)), Some((100, 1)), Some((100, 1))]);
    assert_eq!(Ask::plain().names(&LeastLatency::default(), &candidates, 1), "a b c");
}

#[test]
fn before_anybody_was_seen_all_are_tried_by_weight() {
    let targets = targets::<3>();
    let shares = first_shares(&LeastLatency::default(), &weighted(&targets, [2.0, 1.0, 1.0]));
    for (share, promised) in shares.iter().zip([0.5, 0.25, 0.25]) {
        assert!((share - promised).abs() <= tolerance(promised), "{shares:?}");
    }
}

#[test]
fn the_first_one_seen_is_not_asked_for_ever_and_the_unseen_get_a_bounded_share() {
    let targets = targets::<3>();
    let shares =
        first_shares(&LeastLatency::default(), &seen(&targets, [Some((900, 1)), None, None]));
    for (share, promised) in shares.iter().zip([0.95, 0.025, 0.025]) {
        assert!((share - promised).abs() <= tolerance(promised), "{shares:?}");
    }
}

#[test]
fn a_target_that_was_slow_and_has_not_been_seen_since_is_probed() {
    let targets = targets::<2>();
    let shares = |age| {
        first_shares(&LeastLatency::default(), &seen(&targets, [Some((100, 1)), Some((900, age))]))
    };
    assert_eq!(shares(60), [1.0, 0.0]);
    let stale = shares(61);
    assert!((stale[1] - 0.05).abs() <= tolerance(0.05), "{stale:?}");
}

#[test]
fn how_often_and_after_what_time_is_probed_can_be_said() {
    let targets = targets::<2>();
    let candidates = seen(&targets, [Some((100, 1)), Some((900, 20))]);
    let asked = |share, seconds| {
        first_shares(&LeastLatency::probing(share, Duration::from_secs(seconds)), &candidates)
    };
    assert_eq!(asked(0.0, 10), [1.0, 0.0]);
    assert_eq!(asked(1.0, 10), [0.0, 1.0]);
    assert_eq!(asked(1.0, 30), [1.0, 0.0]);
}

#[test]
fn the_unseen_stand_behind_the_seen_when_they_are_not_probed() {
    let targets = targets::<3>();
    let candidates = seen(&targets, [None, Some((500, 1)), Some((200, 1))]);
    let never = LeastLatency::probing(0.0, Duration::from_secs(60));
    let order = Ask::plain().order(&never, &candidates, 3);
    let reasons: Vec<_> = order.picks().iter().map(|pick| (pick.candidate, pick.reason)).collect();
    let promised = [(2, "fastest lately"), (1, "next fastest"), (0, "never seen, drawn by weight")];
    assert_eq!(reasons, promised);
}

#[test]
fn a_slow_target_drains_as_its_latency_grows() {
    let targets = targets::<2>();
    let first = |millis| {
        let candidates = seen(&targets, [Some((millis, 1)), Some((200, 1))]);
        Ask::plain().names(&LeastLatency::default(), &candidates, 5)
    };
    assert_eq!([100, 150, 201, 4_000].map(first), ["a b", "a b", "b a", "b a"]);
}
