//! Every mode by the laws of its contract, and the same order for a stream and for every surface.

use std::time::Duration;

use ferro_core::{
    Candidate, Order, Principal, Strategy, SurfaceKind, TargetId, View, chat::ChatRequest,
};
use ferro_strategies::{
    Condition, ContentRule, CostOptimized, LeastLatency, MODES, Settings, Sticky, Unpriced,
    Variant, build,
};
use ferro_testkit::{
    first_shares, strategies, strategies_that_ask_everybody as asks_everybody, tolerance,
};
use http::HeaderMap;

const SURFACES: [SurfaceKind; 13] = [
    SurfaceKind::Chat,
    SurfaceKind::Messages,
    SurfaceKind::Responses,
    SurfaceKind::Generate,
    SurfaceKind::Completions,
    SurfaceKind::Embeddings,
    SurfaceKind::Images,
    SurfaceKind::Rerank,
    SurfaceKind::Moderations,
    SurfaceKind::Speech,
    SurfaceKind::Transcriptions,
    SurfaceKind::CountTokens,
    SurfaceKind::Forward,
];

/// Settings about some of the targets that the suite shows, `t0` to `t8`.
fn settings() -> Settings {
    Settings {
        conditions: vec![Condition::new("model", "m", "t4")],
        content_rules: vec![
            ContentRule::new("prompt_contains", "refund", "t2").expect("it is a text"),
        ],
        variants: vec![
            Variant::new("t1", Some(3.0), "old"),
            Variant::new("t2", None, "new"),
            Variant::new("t7", Some(0.5), "newest"),
        ],
        sticky: Some(Sticky::User),
        ..Settings::default()
    }
}

fn each_mode(mut law: impl FnMut(&str, &dyn Strategy)) {
    for mode in MODES {
        law(mode, &*build(mode, settings()).expect("it is one of the modes"));
    }
}

#[test]
fn there_are_eight_modes_and_each_keeps_the_laws() {
    assert_eq!(MODES.len(), 8);
    each_mode(|mode, strategy| assert_eq!(strategies(strategy), Vec::<String>::new(), "{mode}"));
}

#[test]
fn all_but_single_and_an_experiment_ask_everybody_who_is_not_drained() {
    each_mode(|mode, strategy| {
        let broken = asks_everybody(strategy);
        let asks_some = ["single", "ab-test"].contains(&mode);
        assert_eq!(broken.is_empty(), !asks_some, "{mode}: {broken:?}");
    });
}

#[test]
fn the_laws_hold_under_other_settings_too() {
    let allow = CostOptimized::new(Unpriced::Allow).with_output_share(f64::NAN);
    assert_eq!(strategies(&allow), Vec::<String>::new());
    assert_eq!(asks_everybody(&allow), Vec::<String>::new());
    for share in [0.0, 1.0, f64::NAN, -3.0, f64::INFINITY] {
        let probing = LeastLatency::probing(share, Duration::ZERO);
        assert_eq!(strategies(&probing), Vec::<String>::new());
        assert_eq!(asks_everybody(&probing), Vec::<String>::new());
    }
}

#[test]
fn a_stream_and_a_whole_get_the_same_order_on_every_surface() {
    let targets: Vec<_> = (0..9).map(|n| TargetId::from(format!("t{n}"))).collect();
    let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
    for (n, candidate) in (0_u32..).zip(&mut candidates) {
        candidate.weight = f64::from(n % 4);
        candidate.in_flight = n % 3;
        candidate.latency = (n % 3 != 1).then(|| Duration::from_millis(u64::from(700 - 50 * n)));
    }
    each_mode(|mode, strategy| {
        for roll in 0..200 {
            let whole = order(strategy, &candidates, false, SurfaceKind::Chat, roll);
            assert!(!whole.picks().is_empty());
            for surface in SURFACES {
                for streams in [false, true] {
                    let other = order(strategy, &candidates, streams, surface, roll);
                    assert_eq!(other, whole, "{mode}, {surface:?}, streamed: {streams}");
                }
            }
        }
    });
}

fn order(
    strategy: &dyn Strategy,
    candidates: &[Candidate<'_>],
    streams: bool,
    surface: SurfaceKind,
    roll: u64,
) -> Order {
    let text = format!(
        r#"{{"model":"m","stream":{streams},"messages":[{{"role":"user","content":"a refund"}}]}}"#
    );
    let request = ChatRequest::parse(text.into_bytes()).expect("it is a chat request");
    let (principal, headers) = (Principal::ANONYMOUS, HeaderMap::new());
    let view = View::new(&request, &principal, &headers, surface, candidates);
    let mut order = Order::default();
    strategy.order(&view.with_roll(roll), &mut order);
    order
}

#[test]
fn first_places_are_shared_as_each_mode_promises() {
    let targets: Vec<_> = (0..4).map(|n| TargetId::from(format!("t{n}"))).collect();
    let mut candidates: Vec<_> = targets.iter().map(Candidate::new).collect();
    for (candidate, weight) in candidates.iter_mut().zip([5.0, 3.0, 0.0, 2.0]) {
        candidate.weight = weight;
    }
    each_mode(|mode, strategy| {
        let promised = match mode {
            "loadbalance" => [0.5, 0.3, 0.0, 0.2],
            // Nobody has been seen: all are tried, by weight.
            "least-latency" => [0.5, 0.3, 0.0, 0.2],
            // Of its variants `t2` is drained as a target and `t7` is not there.
            "ab-test" => [0.0, 1.0, 0.0, 0.0],
            _ => [1.0, 0.0, 0.0, 0.0],
        };
        for (share, promised) in first_shares(strategy, &candidates).into_iter().zip(promised) {
            assert!((share - promised).abs() <= tolerance(promised), "{mode}: {share}, {promised}");
        }
    });
}
