//! What a gate promises, law by law.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;

use super::*;

type Entering = Pin<Box<dyn Future<Output = Result<Place, Saturated>>>>;

fn gate(limit: u32, queue_size: u32) -> Arc<Gate> {
    Arc::new(Gate::new(settings(limit, queue_size)))
}

fn settings(limit: u32, queue_size: u32) -> GateSettings {
    GateSettings { limit, queue_size, queue_timeout: None }
}

/// Somebody at the gate: `None` while they wait.
fn poll(entering: &mut Entering) -> Option<Result<Place, Saturated>> {
    match entering.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(entered) => Some(entered),
        Poll::Pending => None,
    }
}

/// Somebody who waits in the queue.
fn waits(gate: &Arc<Gate>, key: &str) -> Entering {
    let mut entering = enters(gate, key);
    assert!(poll(&mut entering).is_none(), "{key} did not wait");
    entering
}

fn enters(gate: &Arc<Gate>, key: &str) -> Entering {
    let (gate, key) = (Arc::clone(gate), KeyId::from(key));
    Box::pin(async move { gate.enter(Some(&key)).await })
}

/// Who has been given a place, by name, each of whom gives it back at once.
fn served(gate: &Arc<Gate>, mut waiting: Vec<(&'static str, Entering)>) -> Vec<&'static str> {
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut places = Vec::new();
        waiting.retain_mut(|(key, entering)| match poll(entering) {
            Some(entered) => {
                order.push(*key);
                places.push(entered.unwrap());
                false
            }
            None => true,
        });
        assert_eq!(places.len(), 1, "{} of {before} were woken", places.len());
        assert_eq!(gate.in_flight(), 1);
    }
    order
}

#[test]
fn so_many_enter_and_each_that_leaves_lets_one_in() {
    let gate = gate(2, 0);
    let (first, second) = (gate.try_enter().unwrap(), gate.try_enter().unwrap());
    assert!(gate.try_enter().is_none());
    drop(first);
    let third = gate.try_enter().unwrap();
    assert!(gate.try_enter().is_none());
    assert_eq!((gate.in_flight(), gate.waiting(), gate.limit()), (2, 0, 2));
    drop((second, third));
    assert_eq!(gate.in_flight(), 0);
}

#[test]
fn without_a_queue_nobody_waits() {
    let gate = gate(1, 0);
    let place = gate.try_enter();
    assert_eq!(poll(&mut enters(&gate, "a")).unwrap().unwrap_err(), Saturated::QueueFull);
    drop(place);
    assert!(poll(&mut enters(&gate, "a")).unwrap().is_ok());
}

#[test]
fn a_full_queue_refuses() {
    let gate = gate(1, 2);
    let _place = gate.try_enter();
    let _waiting = [waits(&gate, "a"), waits(&gate, "b")];
    assert_eq!(poll(&mut enters(&gate, "c")).unwrap().unwrap_err(), Saturated::QueueFull);
    assert_eq!(gate.waiting(), 2);
}

#[test]
fn a_key_that_fills_the_queue_gives_way_to_others_up_to_equal_shares() {
    let gate = gate(1, 4);
    let _place = gate.try_enter();
    let mut loud: Vec<_> = (0..4).map(|_| waits(&gate, "loud")).collect();
    let _quiet = [waits(&gate, "quiet"), waits(&gate, "quiet")];
    assert_eq!(gate.waiting(), 4);
    for last in loud.split_off(2) {
        let mut last = last;
        assert_eq!(poll(&mut last).unwrap().unwrap_err(), Saturated::QueueFull);
    }
    assert!(loud.iter_mut().all(|entering| poll(entering).is_none()));
    for key in ["quiet", "loud"] {
        assert_eq!(poll(&mut enters(&gate, key)).unwrap().unwrap_err(), Saturated::QueueFull);
    }
    assert_eq!(gate.waiting(), 4);
}

#[test]
fn keys_take_turns_and_a_keys_calls_come_in_order() {
    let gate = gate(1, 100);
    let place = gate.try_enter();
    let waiting = ["a", "a", "a", "a", "b", "b", "c"].map(|key| (key, waits(&gate, key)));
    drop(place);
    let order = served(&gate, waiting.into());
    assert_eq!(order, ["a", "b", "c", "a", "b", "a", "a"]);
    assert_eq!((gate.in_flight(), gate.waiting()), (0, 0));
}

#[test]
fn nobody_overtakes_those_who_wait() {
    let gate = gate(1, 10);
    let place = gate.try_enter();
    let mut waiting = waits(&gate, "a");
    drop(place);
    // The place is theirs, though they have not been polled yet.
    assert!(gate.try_enter().is_none());
    assert!(poll(&mut waiting).unwrap().is_ok());
}

#[test]
fn nobody_overtakes_while_a_place_is_on_its_way_to_who_waits() {
    let gate = gate(1, 10);
    let place = gate.try_enter().unwrap();
    let mut first = waits(&gate, "a");
    // Half of what happens where a call leaves: the place is free, and nobody has it yet.
    place.forget();
    assert!(gate.change(|load| Some(load.left())));
    assert!(gate.try_enter().is_none());
    let mut second = waits(&gate, "b");
    gate.hand_over(&mut gate.queue());
    let place = poll(&mut first).unwrap().unwrap();
    assert!(poll(&mut second).is_none());
    drop(place);
    assert!(poll(&mut second).unwrap().is_ok());
}

#[test]
fn who_gives_up_leaves_the_queue_and_passes_on_a_place_that_it_was_given() {
    let gate = gate(1, 10);
    let place = gate.try_enter();
    let (first, second, mut third) = (waits(&gate, "a"), waits(&gate, "b"), waits(&gate, "c"));
    drop(second);
    assert_eq!(gate.waiting(), 2);
    drop(place);
    assert_eq!((gate.in_flight(), gate.waiting()), (1, 1));
    drop(first);
    assert_eq!((gate.in_flight(), gate.waiting()), (1, 0));
    drop(poll(&mut third).unwrap().unwrap());
    assert_eq!((gate.in_flight(), gate.waiting()), (0, 0));
}

#[test]
fn a_place_for_somebody_who_went_away_in_that_moment_goes_to_the_next() {
    let gate = gate(1, 10);
    let place = gate.try_enter();
    let (giver, gone) = oneshot::channel();
    gate.queue().push(None, giver);
    assert!(gate.change(|load| Some(load.one_more_waits())));
    let mut next = waits(&gate, "next");
    drop(gone);
    drop(place);
    assert_eq!((gate.in_flight(), gate.waiting()), (1, 0));
    assert!(poll(&mut next).unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_for_as_long_as_it_may_is_refused() {
    let queue_timeout = Some(Duration::from_secs(2));
    let gate = Arc::new(Gate::new(GateSettings { queue_timeout, ..settings(1, 10) }));
    let place = gate.try_enter();
    let began = tokio::time::Instant::now();
    assert_eq!(gate.enter(None).await.unwrap_err(), Saturated::WaitedTooLong);
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!((gate.in_flight(), gate.waiting()), (1, 0));
    drop(place);
    assert!(gate.enter(None).await.is_ok());
}

#[test]
fn a_higher_limit_lets_those_in_who_wait_and_a_lower_one_waits_for_those_inside() {
    let gate = gate(1, 10);
    let place = gate.try_enter().unwrap();
    let mut waiting = [waits(&gate, "a"), waits(&gate, "b"), waits(&gate, "c")];
    gate.resize(settings(3, 10));
    assert_eq!((gate.in_flight(), gate.waiting()), (3, 1));
    gate.resize(settings(1, 10));
    drop(place);
    assert_eq!((gate.in_flight(), gate.waiting()), (2, 1));
    let inside: Vec<_> = waiting[..2].iter_mut().map(|w| poll(w).unwrap().unwrap()).collect();
    drop(inside);
    assert_eq!((gate.in_flight(), gate.waiting()), (1, 0));
    assert!(poll(&mut waiting[2]).unwrap().is_ok());
}

#[test]
fn a_limit_of_nothing_counts_as_one() {
    assert!(gate(0, 0).try_enter().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_gets_through_and_never_too_many_at_once() {
    let gate = gate(3, 1000);
    let inside = Arc::new(AtomicU32::new(0));
    let mut crowd = tokio::task::JoinSet::new();
    for n in 0..500_u32 {
        let (gate, inside) = (Arc::clone(&gate), Arc::clone(&inside));
        crowd.spawn(async move {
            let key = KeyId::from(format!("key-{}", n % 7));
            let place = gate.enter(Some(&key)).await.unwrap();
            let most = inside.fetch_add(1, Relaxed) + 1;
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Relaxed);
            drop(place);
            most
        });
    }
    let most = crowd.join_all().await.into_iter().max();
    assert!(most <= Some(3), "{most:?} at once");
    assert_eq!((gate.in_flight(), gate.waiting()), (0, 0));
}

/// What can happen at a gate.
#[derive(Clone, Debug)]
enum Event {
    Enter(u8),
    Poll(usize),
    GiveUp(usize),
    Leave(usize),
    Resize(u32, u32),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => (0_u8..4).prop_map(Event::Enter),
        4 => (0_usize..16).prop_map(Event::Poll),
        2 => (0_usize..16).prop_map(Event::GiveUp),
        4 => (0_usize..8).prop_map(Event::Leave),
        1 => (1_u32..5, 0_u32..12).prop_map(|(limit, size)| Event::Resize(limit, size)),
    ];
    prop::collection::vec(event, 0..200)
}

proptest! {
    #[test]
    fn whatever_happens_no_place_is_lost_and_none_is_given_twice(events in events()) {
        let gate = gate(2, 8);
        let (mut waiting, mut inside) = (Vec::new(), Vec::new());
        let mut highest = 2;
        for event in events {
            match event {
                Event::Enter(key) => {
                    let mut entering = enters(&gate, &key.to_string());
                    match poll(&mut entering) {
                        Some(entered) => inside.extend(entered.ok()),
                        None => waiting.push(entering),
                    }
                }
                Event::Poll(n) if n < waiting.len() => {
                    if let Some(entered) = poll(&mut waiting[n]) {
                        drop(waiting.swap_remove(n));
                        inside.extend(entered.ok());
                    }
                }
                Event::GiveUp(n) if n < waiting.len() => drop(waiting.swap_remove(n)),
                Event::Leave(n) if n < inside.len() => drop(inside.swap_remove(n)),
                Event::Resize(limit, size) => {
                    gate.resize(settings(limit, size));
                    highest = highest.max(limit);
                }
                _ => {}
            }
            prop_assert!(inside.len() <= gate.in_flight() as usize);
            prop_assert!(gate.in_flight() <= highest);
            let is_idle = gate.waiting() > 0 && gate.in_flight() < gate.limit();
            prop_assert!(!is_idle, "a place is free while somebody waits");
        }
        waiting.clear();
        inside.clear();
        prop_assert_eq!((gate.in_flight(), gate.waiting()), (0, 0));
    }
}
