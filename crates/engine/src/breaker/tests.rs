//! What a circuit promises, law by law.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use proptest::prelude::*;
use tokio::time::Instant;

use super::{CircuitState::*, *};

/// Five failures in a row open it, for exactly ten seconds.
fn exact() -> BreakerSettings {
    let ten = Duration::from_secs(10);
    BreakerSettings { open_for: ten, longest: ten, ..Default::default() }
}

/// A circuit with a clock.
struct Bench {
    breaker: Arc<Breaker>,
    now: Instant,
}

impl Bench {
    fn exact(change: impl FnOnce(&mut BreakerSettings)) -> Self {
        let mut settings = exact();
        change(&mut settings);
        let now = Instant::now();
        Self { breaker: Arc::new(Breaker::new(settings, now)), now }
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn admit(&self) -> Permit {
        self.breaker.admit(self.now).unwrap()
    }

    fn fail(&self, times: usize) {
        (0..times).for_each(|_| self.admit().failed(self.now, 0));
    }

    fn succeed(&self, times: usize) {
        (0..times).for_each(|_| self.admit().succeeded(self.now));
    }

    fn state(&self) -> CircuitState {
        self.breaker.state(self.now)
    }

    fn refusal(&self) -> Option<Duration> {
        self.breaker.admit(self.now).err().map(|open| open.retry_after)
    }
}

#[test]
fn so_many_failures_in_a_row_open_it_and_one_success_begins_the_row_anew() {
    let bench = Bench::exact(|_| ());
    bench.fail(4);
    bench.succeed(1);
    bench.fail(4);
    assert_eq!(bench.state(), Closed);
    bench.fail(1);
    assert_eq!(bench.state(), Open);
    assert_eq!(bench.refusal(), Some(Duration::from_secs(10)));
    assert_eq!(bench.breaker.retry_after(bench.now), Some(Duration::from_secs(10)));
}

#[test]
fn a_call_without_an_outcome_says_nothing() {
    let bench = Bench::exact(|_| ());
    bench.fail(4);
    drop(bench.admit());
    bench.fail(1);
    assert_eq!(bench.state(), Open);
}

#[test]
fn after_the_open_time_it_is_half_open_and_enough_probes_close_it() {
    let mut bench = Bench::exact(|settings| settings.success_threshold = 2);
    bench.fail(5);
    bench.wait(9);
    assert_eq!((bench.state(), bench.refusal()), (Open, Some(Duration::from_secs(1))));
    bench.wait(1);
    assert_eq!((bench.state(), bench.breaker.retry_after(bench.now)), (HalfOpen, None));
    bench.succeed(1);
    assert_eq!(bench.state(), HalfOpen);
    bench.succeed(1);
    assert_eq!(bench.state(), Closed);
    // What failed before it was opened is forgotten.
    bench.fail(4);
    assert_eq!(bench.state(), Closed);
}

#[test]
fn a_half_open_circuit_has_so_many_places_and_a_dropped_probe_gives_its_own_back() {
    let mut bench = Bench::exact(|settings| settings.max_half = 2);
    bench.fail(5);
    bench.wait(10);
    let (first, second) = (bench.admit(), bench.admit());
    assert!(first.is_probe() && second.is_probe());
    assert_eq!(bench.refusal(), Some(Duration::from_secs(1)));
    assert_eq!(bench.breaker.retry_after(bench.now), Some(Duration::from_secs(1)));
    drop(first);
    assert_eq!(bench.breaker.retry_after(bench.now), None);
    let third = bench.admit();
    assert!(bench.refusal().is_some());
    third.succeeded(bench.now);
    assert_eq!(bench.state(), Closed);
    second.failed(bench.now, 0);
    assert_eq!(bench.state(), Closed, "it was a probe of a circuit that has closed since");
}

#[test]
fn a_probe_that_has_begun_to_answer_keeps_nobody_out_and_still_counts_when_it_ends() {
    let half_open = |threshold| {
        let mut bench = Bench::exact(|settings| settings.success_threshold = threshold);
        bench.fail(5);
        bench.wait(10);
        let mut probe = bench.admit();
        assert!(bench.refusal().is_some());
        probe.begun();
        probe.begun();
        (bench, probe)
    };
    let (bench, probe) = half_open(1);
    let second = bench.admit();
    assert!(second.is_probe() && bench.refusal().is_some(), "one place came free, once");
    drop(probe);
    assert!(bench.refusal().is_some(), "its place was given back before");
    drop(second);
    drop(bench.admit());

    let (bench, probe) = half_open(2);
    let second = bench.admit();
    probe.succeeded(bench.now);
    assert_eq!((bench.state(), bench.refusal().is_some()), (HalfOpen, true));
    second.succeeded(bench.now);
    assert_eq!(bench.state(), Closed);

    let (bench, probe) = half_open(1);
    probe.failed(bench.now, 0);
    assert_eq!(bench.state(), Open);
}

#[test]
fn each_failed_probe_doubles_the_open_time_and_closing_it_forgets_that() {
    let mut bench = Bench::exact(|settings| settings.longest = Duration::from_secs(35));
    bench.fail(5);
    let mut times = vec![bench.breaker.retry_after(bench.now).unwrap()];
    for _ in 0..3 {
        bench.now += *times.last().unwrap();
        bench.admit().failed(bench.now, 0);
        times.push(bench.breaker.retry_after(bench.now).unwrap());
    }
    let ranges = [10.0..=12.5, 20.0..=25.0, 26.25..=35.0, 26.25..=35.0];
    for (time, range) in times.iter().zip(ranges) {
        assert!(range.contains(&time.as_secs_f64()), "{times:?}");
    }
    bench.now += times[3];
    bench.succeed(1);
    bench.fail(5);
    assert_eq!(bench.breaker.retry_after(bench.now), Some(times[0]));
}

#[test]
fn the_roll_spreads_the_open_time() {
    let time = |roll| {
        let bench = Bench::exact(|settings| settings.longest = Duration::from_secs(300));
        (0..5).for_each(|_| bench.admit().failed(bench.now, roll));
        bench.breaker.retry_after(bench.now).unwrap()
    };
    let mut times: Vec<_> = (0..100).map(time).collect();
    assert!(times.iter().all(|time| (10.0..=12.5).contains(&time.as_secs_f64())), "{times:?}");
    times.sort();
    times.dedup();
    assert!(times.len() > 90, "{times:?}");
    assert!(times[times.len() - 1].abs_diff(times[0]) > Duration::from_secs(2), "{times:?}");
}

#[test]
fn calls_from_before_it_opened_neither_close_nor_open_it_nor_take_a_place() {
    let mut bench = Bench::exact(|_| ());
    let old: Vec<_> = (0..20).map(|_| bench.admit()).collect();
    let mut old = old.into_iter();
    bench.fail(5);
    bench.wait(10);
    old.next().unwrap().succeeded(bench.now);
    assert_eq!(bench.state(), HalfOpen);
    old.next().unwrap().failed(bench.now, 0);
    assert_eq!(bench.state(), HalfOpen);
    drop(old.next());
    let probe = bench.admit();
    assert!(bench.refusal().is_some());
    old.by_ref().take(3).for_each(drop);
    assert!(bench.refusal().is_some(), "the only place is taken");
    probe.succeeded(bench.now);
    old.for_each(|permit| permit.failed(bench.now, 0));
    assert_eq!(bench.state(), Closed, "fourteen failures of another life");
}

#[test]
fn every_second_call_that_fails_opens_it_only_with_a_rate_and_enough_calls() {
    let alternate = |rate: Option<f64>, calls: usize| {
        let bench = Bench::exact(|settings| settings.failure_rate = rate);
        for _ in 0..calls / 2 {
            bench.succeed(1);
            bench.fail(1);
        }
        bench.state()
    };
    assert_eq!(alternate(None, 1000), Closed);
    assert_eq!(alternate(Some(0.5), 18), Closed);
    assert_eq!(alternate(Some(0.5), 20), Open);
    assert_eq!(alternate(Some(0.6), 1000), Closed);
    assert_eq!(alternate(Some(f64::NAN), 1000), Closed);
}

#[test]
fn calls_from_before_it_opened_do_not_count_for_the_rate() {
    let mut bench = Bench::exact(|settings| {
        (settings.failure_rate, settings.consecutive) = (Some(0.5), 1000);
    });
    let old: Vec<_> = (0..100).map(|_| bench.admit()).collect();
    bench.fail(20);
    assert_eq!(bench.state(), Open);
    bench.wait(10);
    bench.succeed(1);
    assert_eq!(bench.state(), Closed);
    old.into_iter().for_each(|permit| permit.succeeded(bench.now));
    bench.fail(20);
    assert_eq!(bench.state(), Open, "twenty of twenty, and not of a hundred and twenty");
}

#[test]
fn failures_beyond_the_window_are_forgotten() {
    let mut bench = Bench::exact(|settings| {
        (settings.failure_rate, settings.consecutive) = (Some(0.5), 1000);
    });
    bench.fail(19);
    bench.wait(61);
    bench.succeed(19);
    bench.fail(1);
    assert_eq!(bench.state(), Closed);
    bench.fail(17);
    assert_eq!(bench.state(), Closed, "18 of 37");
    bench.wait(120);
    bench.fail(20);
    assert_eq!(bench.state(), Open);
}

#[test]
fn other_settings_leave_the_state_as_it_is() {
    let mut bench = Bench::exact(|_| ());
    bench.fail(3);
    let settings = BreakerSettings { consecutive: 4, ..Default::default() };
    bench.breaker.adopt(settings);
    bench.fail(1);
    assert_eq!(bench.state(), Open);
    let before = bench.refusal();
    bench.breaker.adopt(BreakerSettings { max_half: 3, ..settings });
    assert_eq!(bench.refusal(), before);
    bench.wait(60);
    let probes: Vec<_> = (0..3).map(|_| bench.admit()).collect();
    assert!(bench.refusal().is_some());
    drop(probes);
}

#[test]
fn thresholds_of_nothing_count_as_one() {
    let mut bench = Bench::exact(|settings| {
        (settings.consecutive, settings.success_threshold, settings.max_half) = (0, 0, 0);
    });
    bench.fail(1);
    assert_eq!(bench.state(), Open);
    bench.wait(10);
    bench.succeed(1);
    assert_eq!(bench.state(), Closed);
}

#[test]
fn a_model_that_fails_is_left_alone_while_the_others_are_asked() {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), true, now);
    let admit = |model| breakers.admit(model, now);
    (0..5).for_each(|_| admit("ill").unwrap().failed(Blame::Model("ill"), now, 0));
    assert!(admit("ill").is_err() && breakers.retry_after("ill", now).is_some());
    assert!(admit("well").is_ok() && breakers.retry_after("well", now).is_none());
    (0..5).for_each(|_| admit("well").unwrap().failed(Blame::Target, now, 0));
    assert!(admit("well").is_err() && admit("other").is_err());
}

#[test]
fn calls_from_before_a_model_had_a_circuit_count_for_its_first_life_only() {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), true, now);
    let permits: Vec<_> = (0..40).map(|_| breakers.admit("ill", now).unwrap()).collect();
    let mut permits = permits.into_iter();
    let later = now + Duration::from_secs(60);
    permits.by_ref().take(20).for_each(|it| it.failed(Blame::Model("ill"), now, 0));
    assert!(breakers.admit("ill", now).is_err());
    assert!(breakers.admit("ill", later).unwrap().is_probe());
    permits.for_each(|it| it.failed(Blame::Model("ill"), later, 0));
    assert!(breakers.admit("ill", later).unwrap().is_probe(), "the place is free, and half open");
    assert_eq!(breakers.target().state(now), Closed);
}

#[test]
fn without_circuits_for_models_every_failure_is_the_targets() {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), false, now);
    (0..5).for_each(|_| breakers.admit("a", now).unwrap().failed(Blame::Model("a"), now, 0));
    assert_eq!(breakers.target().state(now), Open);
}

#[test]
fn a_model_beyond_the_bound_counts_against_the_target_until_others_recover() {
    let now = Instant::now();
    let breakers = Breakers::new(BreakerSettings::default(), true, now);
    let fail = |model: &str| {
        breakers.admit(model, now).unwrap().failed(Blame::Model(model), now, 0);
    };
    let names: Vec<_> = (0..MOST_MODELS).map(|n| format!("model-{n}")).collect();
    names.iter().for_each(|name| fail(name));
    (0..5).for_each(|_| fail("one more"));
    assert_eq!(breakers.target().state(now), Open);

    let breakers = Breakers::new(BreakerSettings::default(), true, now);
    let fail = |model: &str| {
        breakers.admit(model, now).unwrap().failed(Blame::Model(model), now, 0);
    };
    names.iter().for_each(|name| fail(name));
    breakers.admit("model-3", now).unwrap().succeeded(now);
    (0..5).for_each(|_| fail("one more"));
    assert_eq!(breakers.target().state(now), Closed);
    assert!(breakers.admit("one more", now).is_err());
}

#[test]
fn models_that_failed_long_ago_do_not_keep_others_from_a_circuit_of_their_own() {
    let settings = BreakerSettings { consecutive: 3, ..BreakerSettings::default() };
    let began = Instant::now();
    let now = began + Duration::from_secs(1_000);
    // They are remembered for a while after they failed, or after their open time.
    for (wait, is_known) in [(settings.longest, true), (settings.longest * 3, false)] {
        let breakers = Breakers::new(settings, true, began);
        let fail = |model: &str, now| {
            breakers.admit(model, now).unwrap().failed(Blame::Model(model), now, 0);
        };
        // Some are open, some have failed twice; nobody ever asks for them again.
        for n in 0..MOST_MODELS {
            fail(&format!("made up {n}"), began);
            (0..=n % 2).for_each(|_| fail(&format!("made up {n}"), now));
        }
        let later = now + wait;
        (0..3).for_each(|_| fail("real", later));
        let expected = if is_known { Open } else { Closed };
        assert_eq!(breakers.target().state(later), expected, "{wait:?}");
        assert!(breakers.admit("real", later).is_err());
    }
}

#[test]
fn a_models_probe_that_has_begun_to_answer_keeps_nobody_out_either() {
    let (settings, now) = (exact(), Instant::now());
    let breakers = Breakers::new(settings, true, now);
    (0..5).for_each(|_| breakers.admit("m", now).unwrap().failed(Blame::Model("m"), now, 0));
    let later = now + settings.open_for;
    let mut probe = breakers.admit("m", later).unwrap();
    assert!(breakers.admit("m", later).is_err());
    probe.begun();
    assert!(breakers.admit("m", later).is_ok());
}

#[test]
fn a_model_that_did_not_answer_does_not_vouch_for_its_target() {
    let settings = BreakerSettings { consecutive: 1, ..exact() };
    let now = Instant::now();
    let later = now + settings.open_for;
    for (blame, expected) in [(Blame::Silence("m"), HalfOpen), (Blame::Model("m"), Closed)] {
        let breakers = Breakers::new(settings, true, now);
        breakers.admit("m", now).unwrap().failed(Blame::Target, now, 0);
        breakers.admit("m", later).unwrap().failed(blame, later, 0);
        assert!(breakers.retry_after("m", later).is_some(), "{blame:?} is the model's");
        assert_eq!(breakers.target().state(later), expected, "{blame:?}");
        assert!(breakers.retry_after("other", later).is_none(), "{blame:?}");
    }
    let single = Breakers::new(settings, false, now);
    single.admit("m", now).unwrap().failed(Blame::Silence("m"), now, 0);
    assert_eq!(single.target().state(now), Open);
}

#[test]
fn circuits_survive_that_their_target_is_configured_anew() {
    let now = Instant::now();
    let settings = BreakerSettings::default();
    let breakers = Breakers::new(settings, true, now);
    (0..5).for_each(|_| breakers.admit("m", now).unwrap().failed(Blame::Model("m"), now, 0));
    breakers.admit("n", now).unwrap().failed(Blame::Model("n"), now, 0);
    let adopted = breakers.adopted(BreakerSettings { consecutive: 2, ..settings }, true);
    assert!(adopted.admit("m", now).is_err());
    for (model, failures) in [("n", 1), ("o", 2)] {
        for _ in 0..failures {
            adopted.admit(model, now).unwrap().failed(Blame::Model(model), now, 0);
        }
        assert!(adopted.admit(model, now).is_err(), "{model}: two in a row are enough by now");
    }
    assert!(adopted.adopted(settings, false).admit("m", now).is_ok());
}

#[test]
fn however_many_come_at_once_no_more_probes_than_places_are_under_way() {
    let now = Instant::now();
    let settings = BreakerSettings { max_half: 3, success_threshold: u32::MAX, ..exact() };
    let breaker = Arc::new(Breaker::new(settings, now));
    (0..5).for_each(|_| breaker.admit(now).unwrap().failed(now, 0));
    let later = now + settings.open_for;
    let (under_way, most) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..20_000 {
                    let Ok(permit) = breaker.admit(later) else { continue };
                    most.fetch_max(under_way.fetch_add(1, Relaxed) + 1, Relaxed);
                    under_way.fetch_sub(1, Relaxed);
                    match n % 2 {
                        0 => permit.succeeded(later),
                        _ => drop(permit),
                    }
                }
            });
        }
    });
    let most = most.into_inner();
    assert!((1..=3).contains(&most), "{most} at once");
    let left: Vec<_> = (0..3).map(|_| breaker.admit(later).unwrap()).collect();
    assert!(breaker.admit(later).is_err(), "every place came back once");
    drop(left);
}

#[test]
fn failures_at_once_open_it_once() {
    let now = Instant::now();
    let settings = BreakerSettings { longest: Duration::from_secs(1_000), ..exact() };
    for _ in 0..200 {
        let breaker = Arc::new(Breaker::new(settings, now));
        let permits: Vec<_> = (0..40).map(|_| breaker.admit(now).unwrap()).collect();
        thread::scope(|scope| {
            let mut permits = permits.into_iter();
            for _ in 0..4 {
                let share: Vec<_> = permits.by_ref().take(10).collect();
                scope.spawn(move || share.into_iter().for_each(|permit| permit.failed(now, 0)));
            }
        });
        let open = breaker.retry_after(now).unwrap();
        assert!(open <= Duration::from_millis(12_500), "{open:?}: it was opened more than once");
    }
}

/// What can happen to a circuit.
#[derive(Clone, Debug)]
enum Event {
    Wait(u16),
    Admit,
    Begin(usize),
    Succeed(usize),
    Fail(usize),
    Drop(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        2 => (0_u16..8_000).prop_map(Event::Wait),
        6 => Just(Event::Admit),
        2 => (0_usize..64).prop_map(Event::Begin),
        2 => (0_usize..64).prop_map(Event::Succeed),
        4 => (0_usize..64).prop_map(Event::Fail),
        1 => (0_usize..64).prop_map(Event::Drop),
    ];
    prop::collection::vec(event, 0..300)
}

proptest! {
    #[test]
    fn whatever_happens_places_are_kept_and_old_permits_change_nothing(
        events in events(), max_half in 1_u32..4, rate in prop::option::of(0.1..1.0_f64),
    ) {
        let mut bench = Bench::exact(|settings| {
            (settings.max_half, settings.failure_rate) = (max_half, rate);
            (settings.consecutive, settings.success_threshold) = (3, 2);
            settings.longest = Duration::from_secs(60);
        });
        // Permits that are out, with whether they have begun, and the life of the circuit that they
        // belong to: one that begins with every change between closed and not closed, and with every new open time.
        let mut out: Vec<(u32, bool, Permit)> = Vec::new();
        let mut life = 0;
        for event in events {
            let before = (bench.state(), bench.breaker.until());
            let mut was_old = false;
            match event {
                Event::Wait(millis) => bench.now += Duration::from_millis(millis.into()),
                Event::Admit => {
                    if let Ok(permit) = bench.breaker.admit(bench.now) {
                        prop_assert_eq!(permit.is_probe(), before.0 == HalfOpen);
                        prop_assert!(before.0 != Open);
                        out.push((life, false, permit));
                    }
                }
                Event::Begin(n) if n < out.len() => {
                    out[n].2.begun();
                    out[n].1 = true;
                }
                Event::Succeed(n) | Event::Fail(n) | Event::Drop(n) if n < out.len() => {
                    let (of, _, permit) = out.swap_remove(n);
                    was_old = of != life;
                    match event {
                        Event::Succeed(_) => permit.succeeded(bench.now),
                        Event::Fail(_) => permit.failed(bench.now, n as u64),
                        _ => drop(permit),
                    }
                }
                _ => {}
            }
            let after = (bench.state(), bench.breaker.until());
            let is_closed = |state| state == Closed;
            if is_closed(before.0) != is_closed(after.0) || before.1 != after.1 {
                prop_assert!(!was_old, "an old permit changed {before:?} to {after:?}");
                life += 1;
            }
            let waits = |(of, has_begun, permit): &&(u32, bool, Permit)| {
                *of == life && !has_begun && permit.is_probe()
            };
            prop_assert!(out.iter().filter(waits).count() <= max_half as usize);
        }
    }
}
