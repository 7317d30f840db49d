//! Selecting a target costs next to nothing, also among many, and whatever the strategy.

use allocation_counter::measure;
use ferro_core::{Subject, chat::ChatRequest, surface::Chat};
use ferro_engine::{Opened, breaker::BreakerSettings};
use ferro_strategies::{Condition, ContentRule, MODES, Settings, Sticky, Variant, build};

use crate::scenario::{Running, Said, Scenario, caller};

const NAMES: [&str; 50] = [
    "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t13", "t14",
    "t15", "t16", "t17", "t18", "t19", "t20", "t21", "t22", "t23", "t24", "t25", "t26", "t27",
    "t28", "t29", "t30", "t31", "t32", "t33", "t34", "t35", "t36", "t37", "t38", "t39", "t40",
    "t41", "t42", "t43", "t44", "t45", "t46", "t47", "t48", "t49",
];

/// Fifty targets, of which the first `dead` fail when they are asked, and the one behind them answers.
fn running(mode: &str, dead: usize) -> Running {
    let settings = Settings {
        conditions: NAMES.map(|name| Condition::new("model", "m", name)).into(),
        content_rules: vec![ContentRule::new("prompt_contains", "refund", "t49").unwrap()],
        variants: NAMES.map(|name| Variant::new(name, None, "")).into(),
        sticky: Some(Sticky::User),
        ..Settings::default()
    };
    let says = move |n| if n < dead { Said::Refusal(503) } else { Said::Whole("{}") };
    let said = move |(n, name)| (name, vec![says(n)]);
    let once = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
    let scenario = Scenario::new(NAMES.into_iter().enumerate().map(said)).circuit(once);
    let strategy = build(mode, settings).unwrap();
    scenario.with(move |parts| parts.default_route.strategy = strategy).start()
}

fn open(running: &Running) -> Box<Opened<Chat>> {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"a refund"}]}"#;
    let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    running.engine.open_request(caller(), request)
}

/// What it takes to read what the user says, which `content-based` goes by.
fn reading() -> u64 {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"a refund"}]}"#;
    let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    measure(|| request.texts(&mut |_, _| ()).unwrap()).count_total
}

#[test]
fn a_target_is_selected_among_fifty_without_allocating_in_any_mode() {
    for mode in MODES {
        let running = running(mode, 0);
        let mut opened = open(&running);
        opened.preview().unwrap();
        let allocations = measure(|| {
            let decision = opened.preview().unwrap();
            let counted = decision.unlisted + decision.unplaced;
            assert_eq!(decision.considered.len() + counted as usize, 50);
        });
        let expected = if *mode == "content-based" { reading() } else { 0 };
        assert_eq!(allocations.count_total, expected, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dead_is_passed_over_with_the_reason() {
    let running = running("fallback", 10);
    let answer = open(&running).run().await.unwrap();
    assert_eq!(answer.target.as_deref(), Some("t10"));
    let mut opened = open(&running);
    let decision = opened.preview().unwrap();
    let fates: Vec<_> = decision.considered.iter().map(|it| (it.place, it.fate.as_str())).collect();
    let expected: Vec<_> = (0..11).map(|place| (Some(place), "circuit_open")).collect();
    assert_eq!(fates[..10], expected[..10]);
    assert_eq!(decision.considered.len() + decision.unlisted as usize, 50);
}
