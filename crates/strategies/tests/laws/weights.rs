//! A weight of zero drains, in every mode and also when the others have failed.

use ferro_strategies::{Condition, ContentRule, MODES, Settings, Variant, build};
use ferro_testkit::{first_shares, tolerance};

use crate::ask::{Ask, ROLLS, targets, weighted};

/// Every rule and half of the experiment is about `b`, which the tests drain.
fn settings() -> Settings {
    Settings {
        conditions: vec![Condition::new("model", "m", "b")],
        content_rules: vec![ContentRule::new("prompt_contains", "hello", "b").unwrap()],
        variants: vec![Variant::new("b", None, "new"), Variant::new("a", None, "old")],
        ..Settings::default()
    }
}

#[test]
fn a_drained_target_has_no_place_in_any_mode() {
    let targets = targets::<3>();
    let candidates = weighted(&targets, [1.0, 0.0, 1.0]);
    for mode in MODES {
        let strategy = build(mode, settings()).unwrap();
        for roll in 0..ROLLS {
            let order = Ask::plain().names(&*strategy, &candidates, roll);
            assert!(!order.contains('b') && order.contains('a'), "{mode}: {order}");
        }
    }
}

#[test]
fn where_all_are_drained_nobody_was_meant_and_all_are_equal() {
    let targets = targets::<4>();
    let strategy = build("loadbalance", Settings::default()).unwrap();
    for share in first_shares(&*strategy, &weighted(&targets, [0.0; 4])) {
        assert!((share - 0.25).abs() <= tolerance(0.25), "{share}");
    }
    let order = Ask::plain().names(&ferro_strategies::Fallback, &weighted(&targets, [0.0; 4]), 7);
    assert_eq!(order, "a b c d");
}

#[test]
fn single_asks_the_first_that_is_not_drained_and_nobody_else() {
    let targets = targets::<3>();
    let order =
        |weights| Ask::plain().names(&ferro_strategies::Single, &weighted(&targets, weights), 7);
    assert_eq!(order([1.0, 1.0, 1.0]), "a");
    assert_eq!(order([0.0, 1.0, 1.0]), "b");
}
