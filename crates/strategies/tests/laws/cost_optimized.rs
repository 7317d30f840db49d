//! `cost-optimized`: what the whole request will cost, and what is not known is not free.

use ferro_core::{Candidate, Rates, SurfaceKind, TargetId};
use ferro_strategies::{CostOptimized, Unpriced};

use crate::ask::{Ask, candidates, targets};

/// Candidates with these prices.
fn priced<'a, const N: usize>(
    targets: &'a [TargetId; N],
    rates: &'a [Option<Rates>; N],
) -> Vec<Candidate<'a>> {
    candidates(targets, std::array::from_fn(|n| n), |candidate, n: usize| {
        candidate.rates = rates[n].as_ref();
    })
}

/// Prices of input and output in dollars per million tokens.
fn rates(input: Option<u64>, output: Option<u64>) -> Rates {
    let mut rates = Rates::default();
    rates.input = input.map(|dollars| dollars * 1_000_000_000);
    rates.output = output.map(|dollars| dollars * 1_000_000_000);
    rates
}

fn asked<const N: usize>(ask: &Ask, unpriced: Unpriced, all: &[Option<Rates>; N]) -> String {
    let targets = targets::<N>();
    ask.names(&CostOptimized::new(unpriced), &priced(&targets, all), 3)
}

#[test]
fn the_cheapest_is_first_and_failover_goes_to_the_next_cheapest() {
    let all = [
        Some(rates(Some(3), Some(15))),
        Some(rates(Some(1), Some(4))),
        Some(rates(Some(2), Some(8))),
    ];
    assert_eq!(asked(&Ask::plain(), Unpriced::Fallback, &all), "b c a");
}

#[test]
fn the_reply_counts_and_not_the_prompt_alone() {
    let all = [Some(rates(Some(1), Some(50))), Some(rates(Some(2), Some(4)))];
    let bounded = |tokens: u64| Ask::with(&format!(r#""max_tokens":{tokens}"#)).of_tokens(1_000);
    // $1 and $2 per million for the prompt alone: the reply turns it round at 22 tokens.
    assert_eq!(asked(&bounded(21), Unpriced::Fallback, &all), "a b");
    assert_eq!(asked(&bounded(22), Unpriced::Fallback, &all), "b a");
    let unbounded = Ask::plain().of_tokens(1_000);
    assert_eq!(asked(&unbounded, Unpriced::Fallback, &all), "b a", "half the prompt is expected");
}

#[test]
fn how_long_a_reply_is_expected_can_be_said() {
    let targets = targets::<2>();
    let all = [Some(rates(Some(10), Some(20))), Some(rates(Some(12), Some(10)))];
    let candidates = priced(&targets, &all);
    let ask = Ask::plain().of_tokens(100_000);
    let expecting =
        |share| ask.names(&CostOptimized::default().with_output_share(share), &candidates, 1);
    assert_eq!(expecting(0.1), "a b");
    assert_eq!(expecting(0.3), "b a");
}

#[test]
fn the_prompt_is_estimated_by_its_texts_where_nobody_counted() {
    let all = [Some(rates(Some(4), Some(1))), Some(rates(Some(1), Some(30)))];
    let long = Ask::says(&"a long story. ".repeat(500));
    let bounded = |says: &str| {
        Ask::with(&format!(r#""max_tokens":100,"messages":[{{"role":"user","content":"{says}"}}]"#))
    };
    assert_eq!(asked(&bounded("hi"), Unpriced::Fallback, &all), "a b");
    assert_eq!(asked(&bounded(&"a long story. ".repeat(500)), Unpriced::Fallback, &all), "b a");
    assert_eq!(asked(&long, Unpriced::Fallback, &all), "a b", "and a long reply with it");
}

#[test]
fn a_surface_that_writes_nothing_pays_for_no_reply() {
    let all =
        [Some(rates(Some(2), Some(1))), Some(rates(Some(1), Some(90))), Some(rates(Some(3), None))];
    let embeds = Ask::plain().of_tokens(1_000).on(SurfaceKind::Embeddings);
    assert_eq!(asked(&embeds, Unpriced::Skip, &all), "b a c");
    assert_eq!(asked(&Ask::plain().of_tokens(1_000), Unpriced::Skip, &all), "a b");
}

#[test]
fn what_is_in_a_prompt_cache_is_charged_as_that() {
    let targets = targets::<2>();
    let mut warm = rates(Some(3), Some(15));
    warm.cache_read = Some(300_000_000);
    let all = [Some(rates(Some(2), Some(15))), Some(warm)];
    let mut candidates = priced(&targets, &all);
    let ask = Ask::with(r#""max_tokens":100"#).of_tokens(10_000);
    let order = |candidates: &[Candidate<'_>]| ask.names(&CostOptimized::default(), candidates, 1);
    assert_eq!(order(&candidates), "a b");
    candidates[1].cached_tokens = 9_000;
    assert_eq!(order(&candidates), "b a");
    candidates[1].cached_tokens = u64::MAX;
    assert_eq!(order(&candidates), "b a", "no more than the prompt can be cached");
    candidates[1].cached_tokens = 0;
    candidates[0].cached_tokens = 9_000;
    assert_eq!(order(&candidates), "a b", "without a price of its own it is charged as read");
}

#[test]
fn a_price_of_nothing_is_a_price_and_no_price_is_none() {
    let all =
        [None, Some(rates(None, None)), Some(rates(Some(1), None)), Some(rates(Some(0), Some(0)))];
    assert_eq!(asked(&Ask::plain(), Unpriced::Fallback, &all), "d a b c");
    assert_eq!(asked(&Ask::plain(), Unpriced::Skip, &all), "d");
}

#[test]
fn what_is_skipped_gets_nothing_when_the_others_fail_either() {
    let all = [None, Some(rates(Some(9), Some(9))), Some(rates(None, Some(1)))];
    assert_eq!(asked(&Ask::plain(), Unpriced::Skip, &all), "b");
    assert_eq!(asked(&Ask::plain(), Unpriced::Fallback, &all), "b a c");
    assert_eq!(asked(&Ask::plain(), Unpriced::Skip, &[None, None]), "");
}

#[test]
fn where_it_is_allowed_what_is_not_known_counts_as_nothing() {
    let all = [
        Some(rates(Some(1), Some(1))),
        Some(rates(Some(5), None)),
        None,
        Some(rates(Some(9), Some(9))),
    ];
    let ask = Ask::with(r#""max_tokens":10"#).of_tokens(10);
    assert_eq!(asked(&ask, Unpriced::Allow, &all), "c a b d");
}

#[test]
fn an_amount_beyond_all_measure_is_still_an_amount() {
    let targets = targets::<3>();
    let mut most = Rates::default();
    (most.input, most.output) = (Some(u64::MAX), Some(u64::MAX));
    let all = [Some(most), Some(rates(None, None)), Some(rates(Some(1), Some(1)))];
    let ask = Ask::with(r#""max_tokens":1000"#).of_tokens(1_000_000);
    let order = ask.names(&CostOptimized::default(), &priced(&targets, &all), 3);
    assert_eq!(order, "c a b");
}

#[test]
fn of_equals_the_first_in_order_is_first() {
    let all = [
        Some(rates(Some(1), Some(1))),
        Some(rates(Some(1), Some(1))),
        Some(rates(Some(1), Some(1))),
    ];
    assert_eq!(asked(&Ask::plain(), Unpriced::Fallback, &all), "a b c");
}
