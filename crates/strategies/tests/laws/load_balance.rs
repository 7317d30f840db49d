//! `loadbalance`: shares by weight, less for the loaded, and failover by weight too.

use std::time::Duration;

use ferro_strategies::LoadBalance;
use ferro_testkit::{first_shares, tolerance};

use crate::ask::{Ask, candidates, shares_of, targets, weighted};

fn near(share: f64, promised: f64) -> bool {
    (share - promised).abs() <= tolerance(promised)
}

#[test]
fn shares_are_the_weights_while_nobody_is_loaded() {
    let targets = targets::<5>();
    for weights in
        [[1.0, 1.0, 1.0, 1.0, 1.0], [0.1, 0.0, 0.3, 0.5, 0.1], [1.0, 99.0, 0.0, 0.0, 0.0]]
    {
        let sum: f64 = weights.iter().sum();
        let shares = first_shares(&LoadBalance, &weighted(&targets, weights));
        for (share, weight) in shares.iter().zip(weights) {
            assert!(near(*share, weight / sum), "{weights:?}: {shares:?}");
        }
    }
}

#[test]
fn a_failed_targets_share_goes_to_the_others_by_weight_and_not_to_its_neighbour() {
    let targets = targets::<4>();
    let (ask, candidates) = (Ask::plain(), weighted(&targets, [4.0, 1.0, 2.0, 3.0]));
    let orders = (0..100_000).map(|roll| ask.names(&LoadBalance, &candidates, roll));
    let behind_a = orders.filter_map(|order| Some(order.strip_prefix("a ")?[..1].to_owned()));
    let shares = shares_of(behind_a);
    for (name, promised) in [("b", 1.0 / 6.0), ("c", 2.0 / 6.0), ("d", 3.0 / 6.0)] {
        // Counted over the 40,000 orders in which `a` is first: chance strays further.
        assert!((shares[name] - promised).abs() <= tolerance(promised) * 1.6, "{shares:?}");
    }
}

#[test]
fn calls_under_way_count_for_the_share_of_their_target() {
    let targets = targets::<2>();
    let asked = |weights: [f64; 2], calls: [u32; 2]| {
        let mut candidates = weighted(&targets, weights);
        candidates.iter_mut().zip(calls).for_each(|(c, calls)| c.in_flight = calls);
        first_shares(&LoadBalance, &candidates)
    };
    assert_eq!(asked([1.0, 1.0], [3, 2]), [0.0, 1.0], "the less loaded of two equals");
    let even = asked([3.0, 1.0], [30, 10]);
    assert!(near(even[0], 0.75), "as loaded as their weights say: {even:?}");
    assert_eq!(asked([3.0, 1.0], [30, 9]), [0.0, 1.0]);
    assert_eq!(asked([3.0, 1.0], [29, 10]), [1.0, 0.0]);
}

#[test]
fn of_many_the_most_loaded_is_first_only_where_nobody_else_can_be() {
    let targets = targets::<10>();
    let calls: [u32; 10] = std::array::from_fn(|n| if n == 4 { 50 } else { 1 });
    let candidates = candidates(&targets, calls, |c, calls| c.in_flight = calls);
    assert_eq!(first_shares(&LoadBalance, &candidates)[4].to_bits(), 0.0_f64.to_bits());
}

#[test]
fn a_target_that_is_clearly_slower_is_behind_and_a_little_slower_is_nothing() {
    let targets = targets::<2>();
    let asked = |millis: [Option<u64>; 2]| {
        let latency = |millis: Option<u64>| millis.map(Duration::from_millis);
        let candidates = candidates(&targets, millis, |c, millis| c.latency = latency(millis));
        first_shares(&LoadBalance, &candidates)
    };
    assert_eq!(asked([Some(900), Some(300)]), [0.0, 1.0]);
    assert_eq!(asked([Some(25), Some(0)]), [0.0, 1.0]);
    // Nor is one that no model would be as fast as.
    for even in [[Some(500), Some(300)], [Some(900), None], [Some(0), Some(0)], [Some(10), Some(0)]]
    {
        assert!(near(asked(even)[0], 0.5), "{even:?}: {:?}", asked(even));
    }
}

#[test]
fn a_target_that_was_slow_a_while_ago_gets_its_share_again() {
    let targets = targets::<2>();
    let asked = |age| {
        let candidates = candidates(&targets, [900, 100], |c, millis| {
            c.latency = Some(Duration::from_millis(millis));
            c.age = Some(Duration::from_secs(age));
        });
        first_shares(&LoadBalance, &candidates)
    };
    assert_eq!(asked(10), [0.0, 1.0]);
    assert!(near(asked(31)[0], 0.5), "{:?}", asked(31));
}
