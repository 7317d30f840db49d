//! Every scenario of a run, and those whose parts do not stand yet.

use std::time::Duration;

use super::{Load, On, Scenario};
use crate::Wish;

const NONE: Duration = Duration::ZERO;
/// The prompt of a small request.
const SHORT: usize = 400;
/// How long a vendor thinks.
const THINKING: Duration = Duration::from_millis(60);

const fn small(name: &'static str, title: &'static str, connections: usize, on: On) -> Scenario {
    let load = Load::Closed { connections, wish: Wish::SMALL, prompt: SHORT };
    Scenario { name, title, load, on, is_quick: true }
}

const fn body(name: &'static str, title: &'static str, prompt: usize, on: On) -> Scenario {
    let load = Load::Closed { connections: 50, wish: Wish::SMALL, prompt };
    // The small ones are there for the slope, for which a quick run is too short.
    Scenario { name, title, load, on, is_quick: prompt >= 100_000 }
}

const fn stream(name: &'static str, title: &'static str, wish: Wish, streams: usize) -> Scenario {
    let load = Load::Closed { connections: streams, wish, prompt: SHORT };
    // A paced one takes a second for each turn, and is only reported.
    Scenario { name, title, load, on: On::Between, is_quick: wish.pause.is_zero() }
}

const fn users(name: &'static str, title: &'static str, connections: usize) -> Scenario {
    let load = Load::Closed { connections, wish: Wish::after(THINKING), prompt: SHORT };
    Scenario { name, title, load, on: On::Direct, is_quick: false }
}

/// A total of 5,000 requests a second, whatever the number of connections: the more there are, the
/// longer the upstream waits. A request is under way on each of them all the time.
const fn flat(name: &'static str, title: &'static str, connections: usize) -> Scenario {
    const BETWEEN_MICROS: u64 = 200;
    let wish = Wish::after(Duration::from_micros(BETWEEN_MICROS * connections as u64));
    let load = Load::Closed { connections, wish, prompt: SHORT };
    Scenario { name, title, load, on: On::Pair, is_quick: false }
}

const fn open(
    name: &'static str,
    title: &'static str,
    (rate, connections): (u32, usize),
    wish: Wish,
) -> Scenario {
    let load = Load::Open { rate, connections, wish };
    Scenario { name, title, load, on: On::Direct, is_quick: true }
}

const fn pair(name: &'static str, title: &'static str, load: Load, is_quick: bool) -> Scenario {
    Scenario { name, title, load, on: On::Pair, is_quick }
}

const fn leaving(name: &'static str, title: &'static str, times: usize, wish: Wish) -> Scenario {
    let load = Load::Leaving { times, wish };
    Scenario { name, title, load, on: On::PairDirect, is_quick: true }
}

const FIRST_TOKEN: Wish = Wish { delay: THINKING, ..Wish::stream(20, 1, Duration::from_millis(2)) };
const PACED: Wish = Wish::stream(50, 1, Duration::from_millis(20));
/// What is asked for when streams are held: an event, and then a silence longer than any run.
pub(crate) const HELD: Wish = Wish::stream(2, 1, Duration::from_secs(600));
/// A whole reply that nobody will wait for.
const LONG_WAIT: Wish = Wish::after(Duration::from_secs(600));

/// A batch of texts to be embedded: 131 kB of vectors come back.
const BATCH: Load = Load::Closed { connections: 50, wish: Wish::vectors(16), prompt: SHORT };

/// Every scenario of a run, in its order.
pub static SCENARIOS: &[Scenario] = &[
    small("small-50", "small whole, 50 connections", 50, On::Direct),
    small("small-200", "small whole, 200 connections", 200, On::Between),
    small("small-1000", "small whole, 1,000 saturating connections", 1000, On::Direct),
    body("body-1k", "1 kB prompt, 50 connections", 1_000, On::Pair),
    body("body-10k", "10 kB prompt, 50 connections", 10_000, On::Pair),
    body("body-100k", "100 kB prompt, 50 connections", 100_000, On::Between),
    body("body-1m", "1 MB prompt, 50 connections", 1_000_000, On::Between),
    stream("stream-16", "stream flat out, 16 events a write", Wish::stream(4096, 16, NONE), 16),
    stream("stream-4", "stream flat out, 4 events a write", Wish::stream(2048, 4, NONE), 16),
    stream("stream-1", "stream flat out, 1 event a write", Wish::stream(1024, 1, NONE), 16),
    stream("stream-paced", "100 streams, an event every 20 ms", PACED, 100),
    open("rate-200", "200 requests/s, upstream waits 60 ms", (200, 64), Wish::after(THINKING)),
    Scenario {
        on: On::PairDirect,
        is_quick: false,
        ..open(
            "rate-1000",
            "1,000 requests/s, upstream waits 60 ms",
            (1000, 256),
            Wish::after(THINKING),
        )
    },
    open("first-token", "100 streams/s, first event after 60 ms", (100, 64), FIRST_TOKEN),
    users("users-1000", "1,000 connections, upstream waits 60 ms", 1000),
    flat("flat-10", "5,000 requests/s over 10 connections", 10),
    flat("flat-50", "5,000 requests/s over 50 connections", 50),
    flat("flat-200", "5,000 requests/s over 200 connections", 200),
    flat("flat-1000", "5,000 requests/s over 1,000 connections", 1000),
    flat("flat-9000", "5,000 requests/s over 9,000 connections", 9000),
    leaving("leave-stream", "clients leave an open stream", 30, HELD),
    leaving("leave-wait", "clients leave before a whole reply", 30, LONG_WAIT),
    pair("idle-1000", "1,000 idle connections", Load::Kept(1000), true),
    pair("held-1000", "1,000 streams held open", Load::Held(1000), true),
    pair("held-9000", "9,000 streams held open", Load::Held(9000), false),
    Scenario {
        on: On::DeadFirst,
        ..small("dead-target", "small whole, the first target is dead", 50, On::Direct)
    },
    Scenario {
        on: On::Converting,
        ..small("dialect-bridge", "small whole, converted between dialects", 50, On::Direct)
    },
    pair("embeddings-batch", "16 texts for vectors at once, 50 connections", BATCH, true),
    Scenario {
        name: "idle",
        title: "cold start, and idle",
        load: Load::Idle,
        on: On::Between,
        is_quick: true,
    },
];

/// Closed-loop users against an upstream that waits 60 ms.
pub static SEED_TABLE: &[Scenario] = &[
    users("users-50", "50 users", 50),
    users("users-150", "150 users", 150),
    users("users-300", "300 users", 300),
    users("users-500", "500 users", 500),
    users("users-1000", "1,000 users", 1000),
];

/// The scenarios over which the cost of a body is fitted, and its kilobytes.
pub static BODIES: &[(&str, f64)] =
    &[("body-1k", 1.0), ("body-10k", 10.0), ("body-100k", 100.0), ("body-1m", 1000.0)];

/// The scenarios over which the cost of a request is to be the same.
pub static FLAT: &[&str] = &["flat-10", "flat-50", "flat-200", "flat-1000", "flat-9000"];

/// A row of the plan whose parts do not stand yet.
#[derive(Clone, Copy, Debug)]
pub struct NotYet {
    /// What it will be called on the command line.
    pub name: &'static str,
    /// What it is, for a reader.
    pub title: &'static str,
    /// What it waits for.
    pub waits_for: &'static str,
    /// What it will be held to.
    pub limit: &'static str,
}

const fn not_yet(
    name: &'static str,
    title: &'static str,
    waits_for: &'static str,
    limit: &'static str,
) -> NotYet {
    NotYet { name, title, waits_for, limit }
}

/// Rows of the plan whose parts do not stand yet.
pub static NOT_YET: &[NotYet] = &[
    not_yet("plugins", "small whole, all six seed plugins on", "plugins", "≤ 1.60"),
    not_yet("filter-10k", "small whole, a filter of 10,000 words", "plugins", "reported"),
    not_yet("sqlite", "small whole, requests recorded in SQLite", "the SQLite store", "reported"),
    not_yet(
        "postgres-redis",
        "small whole, PostgreSQL and Redis",
        "the PostgreSQL and Redis stores",
        "reported",
    ),
    not_yet("cache-hit", "answered from the cache", "the response cache", "reported"),
];

/// Everything that any scenario asks the upstream for.
pub fn wishes() -> impl Iterator<Item = Wish> {
    let all = SCENARIOS.iter().chain(SEED_TABLE).filter_map(|scenario| match scenario.load {
        Load::Closed { wish, .. } | Load::Open { wish, .. } | Load::Leaving { wish, .. } => {
            Some(wish)
        }
        Load::Kept(_) => Some(Wish::SMALL),
        Load::Held(_) => Some(HELD),
        Load::Idle => None,
    });
    let mut distinct = Vec::new();
    for wish in all {
        if !distinct.contains(&wish) {
            distinct.push(wish);
        }
    }
    distinct.into_iter()
}
