//! `ab-test`: shares by weight, the same for who comes again, and failover that tilts nothing.

use std::collections::BTreeSet;

use ferro_core::TargetId;
use ferro_strategies::{AbTest, Sticky, Variant};
use ferro_testkit::{first_shares, tolerance};

use crate::ask::{Ask, ROLLS, names, targets, weighted};

/// An experiment: target, share, label.
fn test(variants: &[(&str, Option<f64>, &str)]) -> AbTest {
    let variants =
        variants.iter().map(|(target, share, label)| Variant::new(*target, *share, label));
    AbTest::new(variants.collect()).unwrap()
}

/// What can happen: the label, and who is asked.
fn happens(strategy: &AbTest, targets: &[TargetId; 4], weights: [f64; 4]) -> BTreeSet<String> {
    let candidates = weighted(targets, weights);
    let order = |roll| {
        let order = Ask::plain().order(strategy, &candidates, roll);
        let label = order.label().map_or("nothing", |label| label);
        format!("{label}: {}", names(&candidates, &order))
    };
    (0..ROLLS).map(order).collect()
}

fn all(possible: &[&str]) -> BTreeSet<String> {
    possible.iter().map(|order| (*order).to_owned()).collect()
}

#[test]
fn variants_get_their_shares_and_an_absent_share_is_one() {
    let targets = targets::<4>();
    let strategy = test(&[("a", Some(2.0), ""), ("b", None, ""), ("c", Some(1.0), "")]);
    let shares = first_shares(&strategy, &weighted(&targets, [1.0, 9.0, 1.0, 1.0]));
    for (share, promised) in shares.iter().zip([0.5, 0.25, 0.25, 0.0]) {
        assert!((share - promised).abs() <= tolerance(promised), "{shares:?}");
    }
}

#[test]
fn shares_that_are_all_zero_are_equal() {
    let targets = targets::<2>();
    let strategy = test(&[("a", Some(0.0), ""), ("b", Some(0.0), "")]);
    for share in first_shares(&strategy, &weighted(&targets, [1.0; 2])) {
        assert!((share - 0.5).abs() <= tolerance(0.5), "{share}");
    }
}

#[test]
fn the_order_carries_the_label_and_without_one_the_targets_name() {
    let strategy = test(&[("a", None, "control"), ("b", None, "")]);
    let possible = all(&["control: a", "b: b"]);
    assert_eq!(happens(&strategy, &targets(), [1.0; 4]), possible);
}

#[test]
fn failover_stays_within_the_variant() {
    let strategy = test(&[("a", None, "old"), ("b", None, "new"), ("c", Some(2.0), "new")]);
    let possible = all(&["old: a", "new: b c", "new: c b"]);
    assert_eq!(happens(&strategy, &targets(), [1.0; 4]), possible);
    let alone = all(&["old: a", "new: c"]);
    assert_eq!(
        happens(&strategy, &targets(), [1.0, 0.0, 1.0, 1.0]),
        alone,
        "also when one is away"
    );
}

#[test]
fn a_variant_with_a_share_of_zero_gets_nothing_when_the_others_fail_either() {
    let strategy = test(&[("a", None, ""), ("b", Some(0.0), ""), ("c", None, "")]);
    assert_eq!(happens(&strategy, &targets(), [1.0; 4]), all(&["a: a", "c: c"]));
}

#[test]
fn a_variant_whose_target_cannot_be_asked_is_not_drawn() {
    let strategy = test(&[("a", None, ""), ("gone", Some(9.0), ""), ("c", None, "")]);
    let possible = all(&["c: c"]);
    assert_eq!(happens(&strategy, &targets(), [0.0, 1.0, 1.0, 1.0]), possible);
}

#[test]
fn where_no_variant_can_be_asked_the_others_are_and_there_is_no_label() {
    let strategy = test(&[("gone", None, "new"), ("a", Some(0.0), "old")]);
    assert_eq!(happens(&strategy, &targets(), [1.0; 4]), all(&["nothing: b c d"]));
}

#[test]
fn whoever_comes_again_gets_the_same_variant_whatever_the_roll() {
    let user = |n: u32| Ask::with(&format!(r#""user":"user-{n}""#));
    let key = |n: u32| Ask::plain().by(&format!("key-{n}"));
    let header = |n: u32| Ask::plain().header("x-session", &format!("session-{n}"));
    stays(Sticky::User, user);
    stays(Sticky::Key, key);
    stays(Sticky::Header("x-session".parse().unwrap()), header);
}

fn stays(sticky: Sticky, who: impl Fn(u32) -> Ask) {
    let targets = targets::<2>();
    let candidates = weighted(&targets, [1.0; 2]);
    let kind = format!("{sticky:?}");
    let strategy = test(&[("a", Some(3.0), ""), ("b", None, "")]).with_sticky(Some(sticky));
    let mut first = 0_u32;
    for n in 0..4_000 {
        let ask = who(n);
        let drawn = ask.names(&strategy, &candidates, 1);
        assert_eq!(ask.names(&strategy, &candidates, u64::from(n) * 77 + 5), drawn);
        first += u32::from(drawn == "a");
    }
    // Three of four, and five standard deviations of that.
    assert!((2_863..=3_137).contains(&first), "{kind}: {first} of 4000");
}

#[test]
fn a_request_that_does_not_say_whose_it_is_is_drawn_by_its_roll() {
    let strategy = test(&[("a", None, ""), ("b", None, "")]).with_sticky(Some(Sticky::User));
    assert_eq!(happens(&strategy, &targets(), [1.0; 4]), all(&["a: a", "b: b"]));
}

#[test]
fn when_a_variant_is_away_only_its_own_callers_move() {
    let targets = targets::<3>();
    let variants = [("a", None, ""), ("b", None, ""), ("c", None, "")];
    let strategy = test(&variants).with_sticky(Some(Sticky::User));
    for n in 0..500 {
        let ask = Ask::with(&format!(r#""user":"{n}""#));
        let before = ask.names(&strategy, &weighted(&targets, [1.0; 3]), 1);
        let after = ask.names(&strategy, &weighted(&targets, [1.0, 0.0, 1.0]), 1);
        assert!(before.starts_with('b') || before[..1] == after[..1], "{before}, then {after}");
    }
}

#[test]
fn a_share_that_is_no_number_from_zero_on_is_refused() {
    for share in [-1.0, f64::NAN, f64::INFINITY] {
        let error = AbTest::new(vec![Variant::new("a", Some(share), "")]).unwrap_err().to_string();
        assert_eq!(error, format!("{share} is no share for `a`: write a number from 0 on"));
    }
    assert!(AbTest::new(Vec::new()).is_err());
}

#[test]
fn what_an_experiment_sticks_to_is_said_in_words() {
    assert_eq!("user".parse::<Sticky>().unwrap(), Sticky::User);
    assert_eq!("key".parse::<Sticky>().unwrap(), Sticky::Key);
    let header = Sticky::Header("x-session".parse().unwrap());
    assert_eq!("header:X-Session".parse::<Sticky>().unwrap(), header);
    for word in ["", "users", "header", "header:", "header:a b", "cookie:x"] {
        let error = word.parse::<Sticky>().unwrap_err().to_string();
        assert!(error.ends_with("known: user, key, header:<name>"), "{error}");
    }
}
