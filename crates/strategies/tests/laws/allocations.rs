//! A decision takes nothing from the heap.

use std::time::Duration;

use ferro_core::{
    BadRequest, Candidate, Order, Principal, Rates, Speaker, Subject, SurfaceKind, TargetId, View,
};
use ferro_strategies::{Condition, ContentRule, MODES, Settings, Sticky, Variant, build};
use http::HeaderMap;

/// A request whose facts lie ready: to find them in a body is the request's own work.
struct Ready;

impl Subject for Ready {
    fn model(&self) -> &'static str {
        "m"
    }

    fn set_model(&mut self, _: &str) {}

    fn user(&self) -> Option<&str> {
        Some("somebody")
    }

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        see(Speaker::User, "I want my money back for order 4711.");
        Ok(())
    }

    fn edit_texts(
        &mut self,
        _: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        Ok(())
    }
}

#[test]
fn a_decision_among_fifty_targets_allocates_nothing_in_any_mode() {
    let targets: Vec<_> = (0..50).map(|n| TargetId::from(format!("t{n}"))).collect();
    let mut rates = Rates::default();
    (rates.input, rates.output) = (Some(3_000_000_000), Some(15_000_000_000));
    let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
    for (n, candidate) in (0_u32..).zip(&mut candidates) {
        candidate.weight = f64::from(n % 4);
        candidate.in_flight = n % 3;
        candidate.latency = (n % 9 != 0).then(|| Duration::from_millis(u64::from(100 + n)));
        candidate.age = Some(Duration::from_secs(u64::from(n * 3)));
        candidate.rates = (n % 5 != 0).then_some(&rates);
    }
    let settings = Settings {
        conditions: vec![Condition::new("model", "m", "t7")],
        content_rules: vec![ContentRule::new("prompt_regex", r"order\s+\d+", "t9").unwrap()],
        variants: targets.iter().map(|target| Variant::new(target.clone(), None, "")).collect(),
        sticky: Some(Sticky::User),
        ..Settings::default()
    };
    let (principal, headers) = (Principal::ANONYMOUS, HeaderMap::new());
    for mode in MODES {
        let strategy = build(mode, settings.clone()).unwrap();
        let decide = |roll| {
            let view = View::new(&Ready, &principal, &headers, SurfaceKind::Chat, &candidates);
            let mut order = Order::default();
            strategy.order(&view.with_roll(roll), &mut order);
            assert!(!order.picks().is_empty());
        };
        // A pattern's scratch space is made by whoever looks first.
        decide(0);
        let counted = allocation_counter::measure(|| (1..200).for_each(decide));
        assert_eq!(counted.count_total, 0, "{mode}");
    }
}
