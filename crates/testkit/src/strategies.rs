//! The suite for strategies: an order is an order of what was there, and depends on nothing unseen.

use std::collections::BTreeSet;

use ferro_core::{
    Candidate, Order, Pick, Principal, Strategy, SurfaceKind, TargetId, View, chat::ChatRequest,
};
use http::HeaderMap;

/// How many candidates a strategy is shown at most.
const MOST: usize = 9;
/// How many rolls are tried for each number of candidates.
const ROLLS: u64 = 64;

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
    let mut broken = BTreeSet::new();
    let targets: Vec<_> = (0..MOST).map(|at| TargetId::from(format!("t{at}").as_str())).collect();
    for count in 0..=MOST {
        let even: Vec<_> = targets[..count].iter().map(Candidate::new).collect();
        let mut uneven = even.clone();
        for (at, candidate) in uneven.iter_mut().enumerate() {
            candidate.weight = [0.0, 2.5, 1.0][at % 3];
            candidate.in_flight = u32::try_from(at % 4).unwrap_or_default();
            candidate.latency = (at % 2 == 1).then(|| std::time::Duration::from_millis(at as u64));
        }
        for candidates in [even, uneven] {
            for roll in (0..ROLLS).map(|roll| roll.wrapping_mul(0x9E37_79B9_7F4A_7C15)) {
                broken.extend(broken_laws(strategy, &candidates, roll));
            }
        }
    }
    broken.into_iter().collect()
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
    let subject = ChatRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec())
        .expect("a model and a message are a request");
    let (principal, headers) = (Principal::default(), HeaderMap::new());
    let view = View::new(&subject, &principal, &headers, SurfaceKind::Chat, candidates);
    let mut order = Order::default();
    strategy.order(&view.with_roll(roll), &mut order);
    order
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
