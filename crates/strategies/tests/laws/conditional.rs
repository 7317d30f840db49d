//! `conditional`: the first rule that matches decides who is first.

use ferro_core::Subject;
use ferro_strategies::{CONDITION_KEYS, Condition, Conditional};

use crate::ask::{Ask, targets, weighted};

/// The order of `a b c` under these rules: key, value, target.
fn asked(rules: &[(&str, &str, &str)], ask: &Ask) -> String {
    let rules = rules.iter().map(|(key, value, target)| Condition::new(key, value, *target));
    let strategy = Conditional::new(rules.collect()).unwrap();
    let targets = targets::<3>();
    ask.names(&strategy, &weighted(&targets, [1.0; 3]), 3)
}

fn model(name: &str) -> Ask {
    Ask::with(&format!(r#""model":"{name}""#))
}

#[test]
fn the_first_rule_that_matches_names_who_is_first_and_the_others_stand_behind() {
    let rules =
        [("model", "gpt-4o", "c"), ("model_prefix", "gpt-", "b"), ("model_prefix", "gpt-4", "a")];
    assert_eq!(asked(&rules, &model("gpt-4o")), "c a b");
    assert_eq!(asked(&rules, &model("gpt-4o-mini")), "b a c");
    assert_eq!(asked(&rules, &model("claude")), "a b c", "no rule: the configured order");
}

#[test]
fn the_model_is_the_one_meant_after_aliases() {
    let mut ask = model("fast");
    ask.request.set_model("gpt-4o");
    assert_eq!(asked(&[("model", "fast", "b"), ("model", "gpt-4o", "c")], &ask), "c a b");
}

#[test]
fn a_header_matches_by_any_of_its_values_whatever_the_case_of_its_name() {
    let rules = [("header:X-Team", "research", "c")];
    let ask = || Ask::plain().header("x-team", "sales");
    assert_eq!(asked(&rules, &ask()), "a b c");
    assert_eq!(asked(&rules, &ask().header("x-team", "research")), "c a b");
    assert_eq!(asked(&rules, &Ask::plain().header("x-team", "Research")), "a b c");
}

#[test]
fn the_caller_matches_by_user_key_and_metadata() {
    let rules = [("user", "u1", "b"), ("key", "team", "c"), ("metadata:tier", "gold", "c")];
    assert_eq!(asked(&rules, &Ask::with(r#""user":"u1""#)), "b a c");
    assert_eq!(asked(&rules, &Ask::with(r#""user":"u2""#)), "a b c");
    assert_eq!(asked(&rules, &Ask::plain().by("team")), "c a b");
    assert_eq!(asked(&rules, &Ask::plain().by("other")), "a b c");
    assert_eq!(asked(&rules, &Ask::with(r#""metadata":{"tier":"gold"}"#)), "c a b");
    assert_eq!(asked(&rules, &Ask::with(r#""metadata":{"tier":"iron"}"#)), "a b c");
}

#[test]
fn a_rule_with_an_unknown_key_never_matches() {
    for key in
        ["", "path", "model:", "header", "header:", "header:not a name", "metadata:", "MODEL"]
    {
        assert!(!Condition::new(key, "m", "b").is_known(), "{key}");
        assert_eq!(asked(&[(key, "m", "b"), ("model", "m", "c")], &Ask::plain()), "c a b", "{key}");
    }
}

#[test]
fn every_key_that_is_said_to_be_known_is() {
    for key in CONDITION_KEYS {
        assert!(Condition::new(&key.replace("<name>", "x-y"), "m", "b").is_known(), "{key}");
    }
}

#[test]
fn a_target_that_is_not_there_is_stepped_over() {
    let strategy = Conditional::new(vec![Condition::new("model", "m", "gone")]).unwrap();
    let targets = targets::<2>();
    let order = Ask::plain().order(&strategy, &weighted(&targets, [1.0; 2]), 3);
    let reasons: Vec<_> = order.picks().iter().map(|pick| (pick.candidate, pick.reason)).collect();
    let promised = [(0, "the rule's target cannot be asked: first in order"), (1, "next in order")];
    assert_eq!(reasons, promised);
}

#[test]
fn without_a_rule_there_is_no_such_strategy() {
    let error = Conditional::new(Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "`conditional` goes by `conditions`, and there are none: list at least one");
}
