//! Which way requests go, and who stays with whom.

use std::{sync::Arc, time::Duration};

use ferro_core::{
    Affinity as Stayed, DiscoveredModel, Fate, Surface, TargetId, Why, chat::ChatRequest,
    surface::Chat,
};
use ferro_engine::{
    Caller, Member, Route, Stays, affinity::Affinity, breaker::BreakerSettings, gate::GateSettings,
};
use ferro_strategies::{
    AbTest, Condition, ContentRule, Fallback, LoadBalance, MODES, Settings, Single, Variant, build,
};
use tokio::time::Instant;

use crate::scenario::{A, Running, Said, Scenario, caller};

fn wholes() -> Vec<Said> {
    (0..40).map(|_| Said::Whole("{}")).collect()
}

fn placed(running: &Running, request: usize) -> Vec<String> {
    let records = running.records();
    let decision = records[request].decision.as_ref().unwrap();
    decision.considered.iter().map(|considered| considered.target.to_string()).collect()
}

/// Whom a request would be taken to, in which order, in any mode.
fn orders<S: Surface>(mode: &str, request: impl Fn() -> S::Request) -> Vec<Vec<String>> {
    let settings = Settings {
        conditions: vec![Condition::new("model", "m", "c")],
        content_rules: vec![ContentRule::new("prompt_contains", "refund", "d").unwrap()],
        variants: ["a", "b", "e"].map(|name| Variant::new(name, None, "")).into(),
        ..Settings::default()
    };
    let strategy = build(mode, settings).unwrap();
    let set = move |parts: &mut ferro_engine::Parts| parts.default_route.strategy = strategy;
    let running =
        Scenario::new(["a", "b", "c", "d", "e"].map(|name| (name, vec![]))).with(set).start();
    let order = |roll| {
        let caller = Caller { roll, ..caller() };
        let mut opened = running.engine.open_request::<S>(caller, request());
        let decision = opened.preview().unwrap();
        let placed = decision.considered.iter().filter(|considered| considered.place.is_some());
        placed.map(|considered| considered.target.to_string()).collect()
    };
    (0..40).map(order).collect()
}

/// Every surface has its line here: a request of it in one piece, and one for a stream.
#[test]
fn streams_and_whole_replies_go_the_same_way_for_the_same_roll_on_every_surface_in_every_mode() {
    let chat = |is_stream| {
        let said = serde_json::json!({"role": "user", "content": "a refund"});
        let body = serde_json::json!({"model": "m", "stream": is_stream, "messages": [said]});
        ChatRequest::of(&body).unwrap()
    };
    for mode in MODES {
        let wholes = orders::<Chat>(mode, || chat(false));
        assert_eq!(orders::<Chat>(mode, || chat(true)), wholes, "{mode}");
        let firsts: std::collections::BTreeSet<_> = wholes.iter().map(|order| &order[0]).collect();
        // Nobody has been seen yet: `least-latency` draws, too.
        let expected = match *mode {
            "loadbalance" | "least-latency" => 5,
            "ab-test" => 3,
            _ => 1,
        };
        assert_eq!(firsts.len(), expected, "{mode}: {firsts:?}");
    }
}

#[test]
fn a_model_that_a_vendor_lists_is_found_by_the_next_request() {
    let running = Scenario::new(["a", "b", "c"].map(|name| (name, vec![]))).start();
    let owners = || {
        let body = br#"{"model":"nobodys","messages":[{}]}"#;
        let request = ChatRequest::parse(body.to_vec()).unwrap();
        let mut opened = running.engine.open_request::<Chat>(caller(), request);
        let decision = opened.preview().map_err(|problem| problem.status.as_u16())?;
        Ok::<_, u16>(decision.considered.iter().map(|it| it.target.to_string()).collect::<Vec<_>>())
    };
    let list = |target: usize, models: &[&str]| {
        let models = models.iter().map(|model| DiscoveredModel::new(*model)).collect();
        running.engine.targets()[target].set_discovered(Arc::new(models));
    };
    assert_eq!(owners(), Err(404));
    list(1, &["nobodys"]);
    assert_eq!(owners().unwrap(), ["b"]);
    list(0, &["nobodys", "others"]);
    assert_eq!(owners().unwrap(), ["a", "b"]);
    list(1, &[]);
    assert_eq!(owners().unwrap(), ["a"]);
}

/// Two targets behind one another, and two more as a pool between them.
fn nested(parts: &mut ferro_engine::Parts) {
    let pool = Route {
        name: TargetId::from("pool"),
        members: vec![Member::Target(1), Member::Target(2)],
        ..Route::default_of(0, "loadbalance", Box::new(LoadBalance))
    };
    let vip = Route {
        name: TargetId::from("vip"),
        takes: Some(Box::new(|view| view.principal.key.as_deref() == Some("vip"))),
        members: vec![Member::Target(3), Member::Route(0), Member::Target(0)],
        ..Route::default_of(0, "fallback", Box::new(Fallback))
    };
    parts.routes = vec![pool, vip];
    parts.default_route.members = vec![Member::Target(0)];
}

#[tokio::test]
async fn a_request_takes_the_first_route_that_wants_it_and_routes_within_routes_are_flattened() {
    let said = || vec![Said::Refusal(503), Said::Whole("{}")];
    let names = ["a", "b", "c", "d"];
    let running = Scenario::new(names.map(|name| (name, said()))).with(nested).start();
    let key = ferro_core::Principal::new("vip".into());
    let answer = running.ask_as(Caller { principal: key, ..caller() }, false).await;
    let problem = answer.err().unwrap();
    assert_eq!(problem.target.as_deref(), Some("a"), "the last of them");
    let order = placed(&running, 0);
    assert_eq!((order[0].as_str(), order[3].as_str()), ("d", "a"));
    let mut pool = order[1..3].to_vec();
    pool.sort();
    assert_eq!(pool, ["b", "c"]);
    let records = running.records();
    assert_eq!(records[0].decision.as_ref().unwrap().route.as_deref(), Some("vip"));

    running.ask(false).await.unwrap();
    assert_eq!(placed(&running, 1), ["a"]);
    assert_eq!(running.records()[1].decision.as_ref().unwrap().route, None);
}

/// An experiment between two targets, and another target behind it.
fn experiment_within(parts: &mut ferro_engine::Parts, is_first: bool) {
    let variants = ["a", "b"].map(|target| Variant::new(target, None, &format!("is-{target}")));
    let experiment = Route {
        name: TargetId::from("experiment"),
        members: vec![Member::Target(0), Member::Target(1)],
        ..Route::default_of(0, "ab-test", Box::new(AbTest::new(variants.into()).unwrap()))
    };
    parts.routes = vec![experiment];
    let mut members = vec![Member::Route(0), Member::Target(2)];
    if !is_first {
        members.reverse();
    }
    parts.default_route.members = members;
}

#[tokio::test]
async fn an_experiment_within_a_route_has_its_label_where_it_says_who_is_first() {
    for is_first in [true, false] {
        let names = ["a", "b", "c"];
        let running = Scenario::new(names.map(|name| (name, wholes())))
            .strategy(Fallback)
            .with(move |parts| experiment_within(parts, is_first))
            .start();
        let mut labels = std::collections::BTreeSet::new();
        for roll in 0..20 {
            let answer = running.ask_as(Caller { roll, ..caller() }, false).await.unwrap();
            let label = is_first.then(|| format!("is-{}", answer.target.as_ref().unwrap()));
            assert_eq!(answer.variant.as_deref(), label.as_deref());
            let records = running.records();
            let decision = records.last().unwrap().decision.as_ref().unwrap();
            assert_eq!(decision.label.as_deref(), label.as_deref());
            labels.insert(label);
            // The variant that was not drawn has no place, and is listed once, behind the others.
            let listed: Vec<_> = decision.considered.iter().map(|c| (c.place, c.fate)).collect();
            let last = *listed.last().unwrap();
            assert_eq!((listed.len(), last), (3, (None, Fate::LeftOut)), "{listed:?}");
        }
        assert_eq!(labels.len(), if is_first { 2 } else { 1 });
    }
}

#[tokio::test]
async fn who_is_left_out_in_one_place_and_asked_in_another_is_listed_once() {
    let names = ["a", "b", "c"];
    let within = |parts: &mut ferro_engine::Parts| {
        let one = Route {
            name: TargetId::from("one"),
            members: vec![Member::Target(0), Member::Target(1)],
            ..Route::default_of(0, "single", Box::new(Single))
        };
        parts.routes = vec![one];
        parts.default_route.members = vec![Member::Route(0), Member::Target(1), Member::Target(2)];
    };
    let running = Scenario::new(names.map(|name| (name, wholes()))).with(within).start();
    running.ask(false).await.unwrap();
    assert_eq!(placed(&running, 0), ["a", "b", "c"]);
}

#[tokio::test]
async fn statuses_that_the_operator_lists_move_on() {
    let targets = || [("a", vec![Said::Refusal(400)]), ("b", vec![Said::Whole("{}")])];
    let running =
        Scenario::new(targets()).with(|p| p.default_route.failover_on = vec![400]).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_goes_to_the_larger_model() {
    let targets = [("a", vec![Said::TooLong, Said::Whole("{}")])];
    let larger = |parts: &mut ferro_engine::Parts| {
        parts.larger_models.insert("m".to_owned(), "m-long".to_owned());
    };
    let running = Scenario::new(targets).with(larger).start();
    running.ask(false).await.unwrap();
    let record = running.record();
    assert_eq!((&*record.requested_model, &*record.model), ("fast", "m-long"));
    let whys: Vec<_> = record.attempts.iter().map(|attempt| attempt.why).collect();
    assert_eq!(whys, [Why::First, Why::LargerModel]);

    let running = Scenario::new([("a", vec![Said::TooLong])]).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (400, "context_length_exceeded"));
}

#[tokio::test]
async fn a_conversation_stays_with_its_target_until_that_cannot_be_asked() {
    let memory = Arc::new(Affinity::new(Duration::from_secs(300), 7, Instant::now()));
    let stays = Stays { header: None, by_session: true, by_prefix: true, memory };
    let names = ["a", "b", "c", "d", "e"];
    let running = Scenario::new(names.map(|name| (name, wholes())))
        .strategy(LoadBalance)
        .with(move |parts| parts.default_route.stays = Some(stays))
        .circuit(ferro_engine::breaker::BreakerSettings::default())
        .start();
    let prompt = "p".repeat(3_000);
    let mut first = None;
    for roll in 0..20 {
        let body = serde_json::json!({"model": "m", "messages": [
            {"role": "user", "content": prompt}, {"role": "user", "content": roll.to_string()}]});
        let request = ChatRequest::of(&body).unwrap();
        let caller = Caller { roll, ..caller() };
        let answer = running.engine.open_request::<Chat>(caller, request).run().await.unwrap();
        let first = first.get_or_insert_with(|| answer.target.clone());
        assert_eq!(&answer.target, first, "roll {roll}");
    }
    let stayed = running.records()[5].decision.as_ref().unwrap().affinity;
    assert_eq!(stayed, Stayed::Kept);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_does_not_wait_for_its_target_where_that_is_full_or_rests_or_is_open() {
    let limited = || Said::RefusalFor(429, Duration::from_secs(5));
    for (a, is_held) in [
        (vec![Said::Stalled(vec![A])], true),
        (vec![Said::Events(vec![A]), limited()], false),
        (vec![Said::Events(vec![A]), Said::Refusal(503)], false),
    ] {
        let memory = Arc::new(Affinity::new(Duration::from_secs(300), 7, Instant::now()));
        let stays = Stays { header: None, by_session: true, by_prefix: true, memory };
        let breaker = BreakerSettings { consecutive: 1, ..BreakerSettings::default() };
        let gate = GateSettings { limit: 1, queue_size: 9, queue_timeout: None };
        let b = || (0..4).map(|_| Said::Events(vec![A])).collect();
        let running = Scenario::new([("a", a), ("b", b()), ("c", b())])
            .with(move |parts| parts.default_route.stays = Some(stays))
            .circuit(breaker)
            .targets_with(move |parts| parts.gate = Some(gate))
            .start();
        let said = "p".repeat(3_000);
        let ask = async |turn: &str| {
            let body = serde_json::json!({"model": "m", "stream": true, "messages": [
                {"role": "user", "content": said}, {"role": "user", "content": turn}]});
            let request = ChatRequest::of(&body).unwrap();
            running.engine.open_request::<Chat>(caller(), request).run().await.unwrap()
        };
        let first = ask("one").await;
        assert_eq!(first.target.as_deref(), Some("a"));
        let _held = is_held.then_some(first);
        if !is_held {
            drop(running.ask(true).await.unwrap());
        }
        let moved = ask("two").await;
        assert_eq!(moved.target.as_deref(), Some("b"));
        drop(moved);
        let records = running.records();
        let decision = records.last().unwrap().decision.as_ref().unwrap();
        assert_eq!(decision.affinity, Stayed::Left, "{decision:?}");
    }
}
