//! A mode is a word, and a wrong word is said with the right ones.

use ferro_strategies::{MODES, Settings, Unpriced, build};

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
fn what_becomes_of_the_unpriced_is_said_in_words() {
    let words = ["", "fallback", "skip", "allow"].map(|word| word.parse::<Unpriced>().unwrap());
    let meant = [Unpriced::Fallback, Unpriced::Fallback, Unpriced::Skip, Unpriced::Allow];
    assert_eq!(words, meant);
    let error = "free".parse::<Unpriced>().unwrap_err().to_string();
    assert_eq!(error, "`unpriced_strategy` cannot be `free`; known: fallback, skip, allow");
}
