//! What holds for any candidates whatever.

use std::{sync::LazyLock, time::Duration};

use ferro_core::{Candidate, Rates, TargetId};
use ferro_strategies::{
    Condition, ContentRule, CostOptimized, LoadBalance, MODES, Settings, Variant, build,
};
use proptest::prelude::*;

use crate::ask::{Ask, names};

/// What a candidate may be like, however odd.
#[derive(Clone, Debug)]
struct State {
    weight: f64,
    in_flight: u32,
    latency: Option<Duration>,
    age: Option<Duration>,
    rates: Option<(Option<u64>, Option<u64>, Option<u64>)>,
    cached_tokens: u64,
}

fn state() -> impl Strategy<Value = State> {
    let weight = prop_oneof![Just(0.0), Just(1.0), 0.0..100.0, any::<f64>()];
    let time = || proptest::option::of(any::<u64>().prop_map(Duration::from_nanos));
    let price = || proptest::option::of(0..u64::MAX);
    let rates = proptest::option::of((price(), price(), price()));
    (weight, any::<u32>(), time(), time(), rates, any::<u64>()).prop_map(
        |(weight, in_flight, latency, age, rates, cached_tokens)| State {
            weight,
            in_flight,
            latency,
            age,
            rates,
            cached_tokens,
        },
    )
}

/// Every mode, with rules about some of the targets. Patterns are compiled once, as in a gateway.
static ALL: LazyLock<Vec<Box<dyn ferro_core::Strategy>>> =
    LazyLock::new(|| MODES.iter().map(|mode| build(mode, settings()).unwrap()).collect());

fn settings() -> Settings {
    Settings {
        conditions: vec![Condition::new("model", "m", "t3")],
        content_rules: vec![ContentRule::new("prompt_contains", "hello", "t70").unwrap()],
        variants: vec![Variant::new("t0", Some(0.5), ""), Variant::new("t4", None, "")],
        ..Settings::default()
    }
}

/// What an exchange costs, in nano-dollars, halves up.
fn billed(rates: &Rates, prompt: u64, cached: u64, reply: u64) -> u128 {
    let charge = |tokens: u64, rate: Option<u64>| u128::from(tokens) * u128::from(rate.unwrap());
    let read = charge(cached, rates.cache_read.or(rates.input));
    let femtos = charge(prompt - cached, rates.input) + read + charge(reply, rates.output);
    (femtos + 500_000) / 1_000_000
}

fn priced(rates: (Option<u64>, Option<u64>, Option<u64>)) -> Rates {
    let mut priced = Rates::default();
    (priced.input, priced.output, priced.cache_read) = rates;
    priced
}

/// Shows `look` the candidates that are in these states.
fn with_candidates(states: &[State], look: impl FnOnce(&mut [Candidate<'_>])) {
    let targets: Vec<_> = (0..states.len()).map(|n| TargetId::from(format!("t{n}"))).collect();
    let rates: Vec<_> = states.iter().map(|state| state.rates.map(priced)).collect();
    let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
    for ((candidate, state), rates) in candidates.iter_mut().zip(states).zip(&rates) {
        candidate.weight = state.weight;
        candidate.in_flight = state.in_flight;
        candidate.latency = state.latency;
        candidate.age = state.age;
        candidate.rates = rates.as_ref();
        candidate.cached_tokens = state.cached_tokens;
    }
    look(&mut candidates);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// An order is a permutation of those who are not drained (`single` asks one of them, and an
    /// experiment those of one variant), and the same view gives the same order.
    #[test]
    fn an_order_is_a_permutation_of_the_undrained(
        states in proptest::collection::vec(state(), 0..80),
        roll: u64,
    ) {
        with_candidates(&states, |candidates| {
            let mut live: Vec<_> =
                (0..candidates.len()).filter(|at| candidates[*at].weight > 0.0).collect();
            if live.is_empty() {
                live = (0..candidates.len()).collect();
            }
            for (mode, strategy) in MODES.iter().zip(&*ALL) {
                let order = Ask::plain().order(&**strategy, candidates, roll);
                let mut placed: Vec<_> = order.picks().iter().map(|p| p.candidate).collect();
                assert_eq!(order, Ask::plain().order(&**strategy, candidates, roll), "{mode}");
                placed.sort_unstable();
                match *mode {
                    "single" => assert_eq!(placed, live.iter().take(1).copied().collect::<Vec<_>>()),
                    "ab-test" if order.label().is_some() => {
                        assert!(!placed.is_empty() && placed.iter().all(|at| live.contains(at)));
                    }
                    _ => assert_eq!(placed, live, "{mode}"),
                }
            }
        });
    }

    /// A larger share never means a later place.
    #[test]
    fn more_weight_never_means_a_later_place(
        weights in proptest::collection::vec(0.01..100.0, 2..20),
        which: proptest::sample::Index,
        times in 1.0..50.0,
        roll: u64,
    ) {
        let targets: Vec<_> = (0..weights.len()).map(|n| TargetId::from(format!("t{n}"))).collect();
        let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
        candidates.iter_mut().zip(&weights).for_each(|(c, weight)| c.weight = *weight);
        let which = which.index(weights.len());
        let place = |candidates: &[Candidate<'_>]| {
            let order = Ask::plain().order(&LoadBalance, candidates, roll);
            order.picks().iter().position(|pick| pick.candidate == which)
        };
        let before = place(&candidates);
        candidates[which].weight *= times;
        prop_assert!(place(&candidates) <= before);
    }

    /// Who is said to be cheaper is charged less: the estimate is the sum that is billed.
    #[test]
    fn the_estimate_is_what_the_exchange_costs(
        one in (0..u64::from(u32::MAX), 0..u64::from(u32::MAX), proptest::option::of(0..u64::from(u32::MAX))),
        other in (0..u64::from(u32::MAX), 0..u64::from(u32::MAX), proptest::option::of(0..u64::from(u32::MAX))),
        tokens in 0..2_000_000_u64,
        reply in 1..100_000_u64,
        cached in 0..2_000_000_u64,
    ) {
        let all = [one, other].map(|(i, o, c)| priced((Some(i), Some(o), c)));
        let targets = ["a", "b"].map(TargetId::from);
        let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
        for (candidate, rates) in candidates.iter_mut().zip(&all) {
            (candidate.rates, candidate.cached_tokens) = (Some(rates), cached);
        }
        let ask = Ask::with(&format!(r#""max_tokens":{reply}"#)).of_tokens(tokens);
        let order = ask.order(&CostOptimized::default(), &candidates, 0);
        let billed = all.each_ref().map(|rates| billed(rates, tokens, cached.min(tokens), reply));
        let promised = if billed[0] <= billed[1] { "a b" } else { "b a" };
        // Amounts that are equal to the nano-dollar may differ below it.
        let is_close = billed[0] == billed[1];
        prop_assert!(is_close || names(&candidates, &order) == promised, "{billed:?}");
    }
}
