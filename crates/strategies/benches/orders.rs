//! What a decision among fifty targets costs, in time and in allocations:
//! `cargo bench -p ferro-strategies`.

use std::time::Duration;

use divan::{AllocProfiler, Bencher, black_box};
use ferro_core::{
    BadRequest, Candidate, KeyId, Order, Principal, Rates, Speaker, Strategy, Subject, SurfaceKind,
    TargetId, View, chat::ChatRequest,
};
use ferro_strategies::{Condition, ContentRule, MODES, Settings, Sticky, Variant, build};
use http::HeaderMap;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// How many targets there are to choose from.
const TARGETS: usize = 50;

fn main() {
    divan::main();
}

/// A request whose facts lie ready, so that what is measured is the decision and not the reading.
struct Ready;

impl Subject for Ready {
    fn model(&self) -> &'static str {
        "claude-sonnet-4-5"
    }

    fn set_model(&mut self, _: &str) {}

    fn user(&self) -> Option<&str> {
        Some("user-4711")
    }

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        see(Speaker::System, "You answer in one sentence.");
        see(Speaker::User, "How do I get my money back for a ticket that I did not use?");
        Ok(())
    }

    fn edit_texts(
        &mut self,
        _: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        Ok(())
    }
}

/// As many rules as targets, of which the last one matches.
fn settings(targets: &[TargetId]) -> Settings {
    let last = targets.len() - 1;
    let rule = |(n, target): (usize, &TargetId)| {
        let prefix = if n == last { "claude-" } else { "gpt-" };
        Condition::new("model_prefix", prefix, target.clone())
    };
    let content = |(test, value): (&str, &str)| {
        ContentRule::new(test, value, targets[last].clone()).expect("it is a pattern")
    };
    let contents = [
        ("prompt_contains", "invoice"),
        ("prompt_regex", r"(?i)\border\s+\d+\b"),
        ("prompt_contains", "Money Back"),
    ];
    Settings {
        conditions: targets.iter().enumerate().map(rule).collect(),
        content_rules: contents.into_iter().map(content).collect(),
        variants: targets.iter().map(|target| Variant::new(target.clone(), None, "")).collect(),
        sticky: Some(Sticky::User),
        ..Settings::default()
    }
}

/// Fifty targets in the state of a working day: loaded, measured and priced, one of them drained.
fn bench(bencher: Bencher<'_, '_>, mode: &str, subject: &dyn Subject) {
    let targets: Vec<_> = (0..TARGETS).map(|n| TargetId::from(format!("target-{n}"))).collect();
    let rates: Vec<_> = (0..TARGETS as u64).map(|n| priced(1 + n * 7 % 50)).collect();
    let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
    for (n, candidate) in (0_u32..).zip(&mut candidates) {
        candidate.weight = f64::from(n % 5 + 1);
        candidate.in_flight = n * 13 % 7;
        candidate.latency = Some(Duration::from_millis(u64::from(200 + n * 37 % 100)));
        candidate.age = Some(Duration::from_secs(u64::from(n * 2)));
        candidate.rates = Some(&rates[n as usize]);
    }
    candidates[20].weight = 0.0;
    let strategy = build(mode, settings(&targets)).expect("it is one of the modes");
    let (principal, headers) = (Principal::new(KeyId::from("team")), HeaderMap::new());
    let mut roll = 0_u64;
    bencher.bench_local(|| {
        roll = roll.wrapping_add(1);
        let view = View::new(subject, &principal, &headers, SurfaceKind::Chat, &candidates);
        decide(&*strategy, &view.with_roll(roll))
    });
}

/// Returns who is first: the order itself stays on the stack, as it does in the engine.
fn decide(strategy: &dyn Strategy, view: &View<'_>) -> Option<usize> {
    let mut order = Order::default();
    strategy.order(view, &mut order);
    black_box(&order).picks().first().map(|pick| pick.candidate)
}

fn priced(dollars: u64) -> Rates {
    let mut rates = Rates::default();
    rates.input = Some(dollars * 1_000_000_000);
    rates.output = Some(dollars * 4_000_000_000);
    rates
}

#[divan::bench(args = MODES)]
fn among_fifty(bencher: Bencher<'_, '_>, mode: &str) {
    bench(bencher, mode, &Ready);
}

/// The same with a chat request of two kilobytes, whose texts those that look at them have to find.
#[divan::bench(args = ["cost-optimized", "content-based"])]
fn with_a_request_that_has_to_be_read(bencher: Bencher<'_, '_>, mode: &str) {
    let said = "How do I get my money back? ".repeat(35);
    let messages =
        ["system", "user"].map(|who| format!(r#"{{"role":"{who}","content":"{said}"}}"#));
    let body = format!(r#"{{"model":"m","messages":[{}]}}"#, messages.join(","));
    let request = ChatRequest::parse(body.into_bytes()).expect("it is a chat request");
    bench(bencher, mode, &request);
}
