//! A mode is a word, and a wrong word is said with the right ones.

use ferro_strategies::{MODES, Settings, Unpriced, build};

use crate::ask::{Ask, targets, weighted};

#[test]
fn an_unknown_mode_is_refused_with_the_known_ones() {
    for word in ["roulette", "", "Fallback", "load-balance"] {
        let error = build(word, Settings::default()).err().unwrap().to_string();
        assert_eq!(error, format!("`mode` cannot be `{word}`; known: {}", MODES.join(", ")));
    }
}

#[test]
fn a_mode_that_goes_by_a_list_is_refused_without_it() {
    let refused = MODES.iter().filter(|mode| build(mode, Settings::default()).is_err());
    let refused: Vec<_> = refused.copied().collect();
    assert_eq!(refused, ["conditional", "content-based", "ab-test"]);
}

#[test]
fn settings_reach_the_strategy_that_they_are_for() {
    let targets = targets::<2>();
    let (mut cheap, mut dear) = (ferro_core::Rates::default(), ferro_core::Rates::default());
    (cheap.input, cheap.output) = (Some(10), Some(20));
    (dear.input, dear.output) = (Some(12), Some(10));
    let mut candidates = weighted(&targets, [1.0; 2]);
    (candidates[0].rates, candidates[1].rates) = (Some(&cheap), Some(&dear));
    let ask = Ask::plain().of_tokens(100_000);
    let order = |unpriced, output_share, candidates: &[_]| {
        let settings = Settings { unpriced, output_share, ..Settings::default() };
        ask.names(&*build("cost-optimized", settings).unwrap(), candidates, 1)
    };
    assert_eq!(order(Unpriced::Fallback, Some(0.1), &candidates), "a b");
    assert_eq!(order(Unpriced::Fallback, Some(0.3), &candidates), "b a");
    assert_eq!(order(Unpriced::Fallback, None, &candidates), "b a");
    candidates[1].rates = None;
    assert_eq!(order(Unpriced::Skip, None, &candidates), "a");
}

#[test]
fn what_becomes_of_the_unpriced_is_said_in_words() {
    let words = ["", "fallback", "skip", "allow"].map(|word| word.parse::<Unpriced>().unwrap());
    let meant = [Unpriced::Fallback, Unpriced::Fallback, Unpriced::Skip, Unpriced::Allow];
    assert_eq!(words, meant);
    let error = "free".parse::<Unpriced>().unwrap_err().to_string();
    assert_eq!(error, "`unpriced_strategy` cannot be `free`; known: fallback, skip, allow");
}
