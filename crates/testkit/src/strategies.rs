//! The suite for strategies: an order is an order of what was there, and depends on nothing unseen.

use std::{collections::BTreeSet, time::Duration};

use ferro_core::{
    Candidate, Order, Pick, Principal, Rates, Strategy, SurfaceKind, TargetId, View,
    chat::ChatRequest,
};
use http::HeaderMap;

/// How many candidates a strategy is shown at most.
const MOST: usize = 9;
/// How many rolls are tried for each number of candidates.
const ROLLS: u64 = 64;
/// How many rolls a distribution is counted over.
const MANY_ROLLS: u64 = 100_000;

/// Tries a strategy by the laws of its contract; returns the laws that it breaks, with how.
///
/// - every pick is a candidate, none is picked twice: an order is a permutation of some of them;
/// - the same view gives the same order, however often it is asked and whatever was asked between;
/// - a drained candidate, one of weight zero, gets nothing while another has weight;
/// - of no candidates nobody is picked, and while one has weight somebody is;
/// - every pick says why.
///
/// ```
/// use ferro_core::{Order, Strategy, View};
///
/// struct First;
/// impl Strategy for First {
///     fn order(&self, view: &View<'_>, out: &mut Order) {
///         if let Some(at) = view.candidates.iter().position(|c| c.weight > 0.0) {
///             out.push(at, "the first that has weight");
///         }
///     }
/// }
/// assert_eq!(ferro_testkit::strategies(&First), Vec::<String>::new());
/// ```
pub fn strategies(strategy: &dyn Strategy) -> Vec<String> {
    tried(|candidates, roll| broken_laws(strategy, candidates, roll))
}

/// Tries a strategy that promises to ask everybody in the end, as most do: each candidate that is
/// not drained has a place. Returns the laws that it breaks, as [`strategies`] does.
pub fn strategies_that_ask_everybody(strategy: &dyn Strategy) -> Vec<String> {
    tried(|candidates, roll| {
        let order = ordered(strategy, candidates, roll);
        let has_weight = |at: &usize| candidates[*at].weight > 0.0;
        let is_placed = |at: usize| order.picks().iter().any(|pick| pick.candidate == at);
        let is_whole = (0..candidates.len()).filter(has_weight).all(is_placed);
        if is_whole { Vec::new() } else { vec!["an_order_leaves_nobody_out".to_owned()] }
    })
}

/// In which share of a hundred thousand orders each candidate came first.
pub fn first_shares(strategy: &dyn Strategy, candidates: &[Candidate<'_>]) -> Vec<f64> {
    let subject = subject();
    let mut firsts = vec![0_u32; candidates.len()];
    for roll in 0..MANY_ROLLS {
        if let Some(first) = order_of(&subject, strategy, candidates, roll).picks().first() {
            firsts[first.candidate] += 1;
        }
    }
    firsts.into_iter().map(|count| f64::from(count) / MANY_ROLLS as f64).collect()
}

/// How far a share that is counted over a hundred thousand orders may be from one that was
/// declared: five standard deviations, which chance exceeds once in two million.
pub fn tolerance(share: f64) -> f64 {
    5.0 * (share * (1.0 - share) / MANY_ROLLS as f64).sqrt()
}

/// Shows `laws` no candidates, one, and more, in plain states and in odd ones.
fn tried(mut laws: impl FnMut(&[Candidate<'_>], u64) -> Vec<String>) -> Vec<String> {
    let mut broken = BTreeSet::new();
    let targets: Vec<_> = (0..MOST).map(|at| TargetId::from(format!("t{at}").as_str())).collect();
    let rates = [rates(Some(3), Some(9)), rates(Some(1), None), rates(None, None)];
    for count in 0..=MOST {
        let even: Vec<_> = targets[..count].iter().map(Candidate::new).collect();
        let (mut uneven, mut odd) = (even.clone(), even.clone());
        for (at, candidate) in uneven.iter_mut().enumerate() {
            candidate.weight = [0.0, 2.5, 1.0][at % 3];
            candidate.in_flight = u32::try_from(at % 4).unwrap_or_default();
            candidate.latency = (at % 2 == 1).then(|| Duration::from_millis(at as u64));
            candidate.age = Some(Duration::from_secs(40 * at as u64));
            candidate.rates = rates.get(at % 4);
        }
        for (at, candidate) in odd.iter_mut().enumerate() {
            candidate.weight = [f64::INFINITY, f64::NAN, f64::MIN_POSITIVE, -1.0, 1e300][at % 5];
            candidate.in_flight = [u32::MAX, 0][at % 2];
            candidate.latency = [Some(Duration::ZERO), Some(Duration::MAX), None][at % 3];
            candidate.age = [Some(Duration::MAX), None][at % 2];
            candidate.cached_tokens = u64::MAX;
            candidate.rates = rates.get(at % 4);
        }
        for candidates in [even, uneven, odd] {
            for roll in (0..ROLLS).map(|roll| roll.wrapping_mul(0x9E37_79B9_7F4A_7C15)) {
                broken.extend(laws(&candidates, roll));
            }
        }
    }
    broken.into_iter().collect()
}

/// Prices of a prompt and a reply, in nano-dollars per million tokens.
fn rates(input: Option<u64>, output: Option<u64>) -> Rates {
    let mut rates = Rates::default();
    (rates.input, rates.output) = (input, output);
    rates
}

fn broken_laws(strategy: &dyn Strategy, candidates: &[Candidate<'_>], roll: u64) -> Vec<String> {
    let order = ordered(strategy, candidates, roll);
    let picks = order.picks();
    let mut broken = Vec::new();
    let mut check = |holds: bool, law: &str| {
        if !holds {
            broken.push(law.to_owned());
        }
    };
    let is_there = picks.iter().all(|pick| pick.candidate < candidates.len());
    check(is_there, "every_pick_is_a_candidate");
    check(picks.iter().all(|pick| !pick.reason.is_empty()), "every_pick_says_why");
    let somebody = candidates.iter().any(|candidate| candidate.weight > 0.0);
    check(!somebody || !picks.is_empty(), "somebody_is_asked");
    drop(ordered(strategy, candidates, roll ^ u64::MAX)); // another request comes between
    check(order == ordered(strategy, candidates, roll), "the_same_roll_gives_the_same_order");
    if is_there && somebody {
        let has_weight = |pick: &Pick| candidates[pick.candidate].weight > 0.0;
        check(picks.iter().all(has_weight), "a_drained_target_gets_nothing");
    }
    broken
}

fn ordered(strategy: &dyn Strategy, candidates: &[Candidate<'_>], roll: u64) -> Order {
    order_of(&subject(), strategy, candidates, roll)
}

fn order_of(
    subject: &ChatRequest,
    strategy: &dyn Strategy,
    candidates: &[Candidate<'_>],
    roll: u64,
) -> Order {
    let (principal, headers) = (Principal::default(), HeaderMap::new());
    let view = View::new(subject, &principal, &headers, SurfaceKind::Chat, candidates);
    let mut order = Order::default();
    strategy.order(&view.with_roll(roll), &mut order);
    order
}

fn subject() -> ChatRequest {
    let body = br#"{"model":"m","messages":[{}]}"#;
    ChatRequest::parse(body.to_vec()).expect("a model and a message are a request")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Like<F>(F);

    impl<F: Fn(&View<'_>, &mut Order) + Send + Sync> Strategy for Like<F> {
        fn order(&self, view: &View<'_>, out: &mut Order) {
            (self.0)(view, out);
        }
    }

    fn by_roll(view: &View<'_>, out: &mut Order) {
        let mut live: Vec<_> =
            (0..view.candidates.len()).filter(|at| view.candidates[*at].weight > 0.0).collect();
        let turn = usize::try_from(view.roll % live.len().max(1) as u64).unwrap();
        live.rotate_left(turn);
        live.into_iter().for_each(|at| out.push(at, "its turn"));
    }

    #[test]
    fn an_honest_strategy_breaks_no_law() {
        assert_eq!(strategies(&Like(by_roll)), Vec::<String>::new());
    }

    #[test]
    fn whoever_leaves_one_out_breaks_the_law_about_that() {
        let asks_one = |view: &View<'_>, out: &mut Order| {
            let live = view.candidates.iter().position(|candidate| candidate.weight > 0.0);
            live.into_iter().for_each(|at| out.push(at, "the first"));
        };
        assert_eq!(strategies(&Like(asks_one)), Vec::<String>::new());
        let broken = strategies_that_ask_everybody(&Like(asks_one));
        assert_eq!(broken, ["an_order_leaves_nobody_out"]);
        assert_eq!(strategies_that_ask_everybody(&Like(by_roll)), Vec::<String>::new());
    }

    #[test]
    fn shares_are_those_of_the_first_places() {
        let targets = ["a", "b", "c"].map(TargetId::from);
        let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
        candidates[1].weight = 0.0;
        assert_eq!(first_shares(&Like(by_roll), &candidates), [0.5, 0.0, 0.5]);
        assert_eq!(first_shares(&Like(|_: &View<'_>, _: &mut Order| {}), &candidates), [0.0; 3]);
    }

    #[test]
    fn each_flaw_breaks_its_law_alone() {
        let invents = |view: &View<'_>, out: &mut Order| {
            by_roll(view, out);
            out.push(view.candidates.len(), "nobody");
        };
        assert_eq!(strategies(&Like(invents)), ["every_pick_is_a_candidate"]);
        let count = AtomicUsize::new(0);
        let remembers = move |view: &View<'_>, out: &mut Order| {
            let roll = count.fetch_add(1, Ordering::SeqCst) as u64;
            let (principal, headers) = (Principal::default(), HeaderMap::new());
            let other =
                View::new(view.subject, &principal, &headers, view.surface, view.candidates);
            by_roll(&other.with_roll(roll), out);
        };
        assert_eq!(strategies(&Like(remembers)), ["the_same_roll_gives_the_same_order"]);
        let drained = |view: &View<'_>, out: &mut Order| {
            (0..view.candidates.len()).for_each(|at| out.push(at, "as listed"));
        };
        assert_eq!(strategies(&Like(drained)), ["a_drained_target_gets_nothing"]);
        assert_eq!(strategies(&Like(|_: &View<'_>, _: &mut Order| {})), ["somebody_is_asked"]);
    }
}
