//! The scenarios: which load is put on the systems, and on which of them.

use std::time::Duration;

use crate::{
    Wish,
    system::{Setup, System},
};

/// A load, by name.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called in files and on the command line.
    pub name: &'static str,
    /// What it is, for a reader.
    pub title: &'static str,
    /// What is done.
    pub load: Load,
    /// Which systems it is done to.
    on: On,
    /// Whether a quick run has it.
    pub is_quick: bool,
}

/// What is done to a system.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// So many connections, each with one request at a time; the prompt has so many bytes.
    Closed {
        /// Connections.
        connections: usize,
        /// What is asked for.
        wish: Wish,
        /// Bytes of text.
        prompt: usize,
    },
    /// So many requests a second, for so long.
    Open {
        /// Requests a second.
        rate: u32,
        /// What is asked for.
        wish: Wish,
    },
    /// So many streams, opened and held.
    Held(usize),
    /// Nothing: how soon it answers, and what it holds when nobody asks.
    Idle,
}

/// Which systems a scenario is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum On {
    /// All, and the upstream itself, whose times are subtracted.
    Direct,
    /// All that stand between.
    Between,
    /// The gateway and the proxy that does nothing.
    Pair,
    /// The gateway with a dead first target, and the proxy that does nothing.
    DeadFirst,
}

const SECOND: Duration = Duration::from_secs(1);
const NONE: Duration = Duration::ZERO;
/// The prompt of a small request.
const SHORT: usize = 400;
/// How long a vendor thinks.
const THINKING: Duration = Duration::from_millis(60);

const fn small(name: &'static str, title: &'static str, connections: usize, on: On) -> Scenario {
    let load = Load::Closed { connections, wish: Wish::SMALL, prompt: SHORT };
    Scenario { name, title, load, on, is_quick: true }
}

const fn body(name: &'static str, title: &'static str, prompt: usize) -> Scenario {
    let load = Load::Closed { connections: 50, wish: Wish::SMALL, prompt };
    Scenario { name, title, load, on: On::Between, is_quick: true }
}

const fn stream(name: &'static str, title: &'static str, wish: Wish, streams: usize) -> Scenario {
    let load = Load::Closed { connections: streams, wish, prompt: SHORT };
    Scenario { name, title, load, on: On::Between, is_quick: true }
}

const fn users(name: &'static str, title: &'static str, connections: usize) -> Scenario {
    let load = Load::Closed { connections, wish: Wish::after(THINKING), prompt: SHORT };
    Scenario { name, title, load, on: On::Direct, is_quick: false }
}

const fn open(name: &'static str, title: &'static str, rate: u32, wish: Wish) -> Scenario {
    Scenario { name, title, load: Load::Open { rate, wish }, on: On::Direct, is_quick: true }
}

const fn held(name: &'static str, title: &'static str, streams: usize) -> Scenario {
    Scenario { name, title, load: Load::Held(streams), on: On::Pair, is_quick: streams < 5_000 }
}

const FIRST_TOKEN: Wish = Wish { delay: THINKING, ..Wish::stream(20, 1, Duration::from_millis(2)) };
const PACED: Wish = Wish::stream(50, 1, Duration::from_millis(20));

/// Every scenario of a run, in its order.
pub static SCENARIOS: &[Scenario] = &[
    small("small-50", "small whole, 50 connections", 50, On::Direct),
    small("small-200", "small whole, 200 connections", 200, On::Between),
    small("small-1000", "small whole, 1,000 saturating connections", 1000, On::Direct),
    body("body-100k", "100 kB prompt, 50 connections", 100_000),
    body("body-1m", "1 MB prompt, 50 connections", 1_000_000),
    stream("stream-16", "stream flat out, 16 events a write", Wish::stream(4096, 16, NONE), 16),
    stream("stream-4", "stream flat out, 4 events a write", Wish::stream(2048, 4, NONE), 16),
    stream("stream-1", "stream flat out, 1 event a write", Wish::stream(1024, 1, NONE), 16),
    stream("stream-paced", "100 streams, an event every 20 ms", PACED, 100),
    open("rate-200", "200 requests/s, upstream waits 60 ms", 200, Wish::after(THINKING)),
    open("first-token", "100 streams/s, first event after 60 ms", 100, FIRST_TOKEN),
    users("users-1000", "1,000 connections, upstream waits 60 ms", 1000),
    held("held-1000", "1,000 streams held open", 1000),
    held("held-9000", "9,000 streams held open", 9000),
    Scenario {
        name: "dead-target",
        title: "small whole, the first target is dead",
        load: Load::Closed { connections: 50, wish: Wish::SMALL, prompt: SHORT },
        on: On::DeadFirst,
        is_quick: true,
    },
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

/// Rows of the plan whose parts do not stand yet: what they are, and what they wait for.
pub static NOT_YET: &[(&str, &str)] = &[
    ("all seed plugins on", "plugins"),
    ("a 10,000-word filter", "plugins"),
    ("SQLite; PostgreSQL and Redis", "stores"),
    ("embeddings batch", "the embeddings surface"),
    ("cache hit", "the response cache"),
    ("conversion between dialects", "bridges"),
];

/// What is asked for when streams are held: an event, and then a silence longer than any run.
pub const HELD: Wish = Wish::stream(2, 1, Duration::from_secs(600));

/// Everything that any scenario asks the upstream for.
pub fn wishes() -> impl Iterator<Item = Wish> {
    let all = SCENARIOS.iter().chain(SEED_TABLE).filter_map(|scenario| match scenario.load {
        Load::Closed { wish, .. } | Load::Open { wish, .. } => Some(wish),
        Load::Held(_) | Load::Idle => None,
    });
    let mut distinct = vec![HELD];
    for wish in all {
        if !distinct.contains(&wish) {
            distinct.push(wish);
        }
    }
    distinct.into_iter()
}

impl Scenario {
    /// Whether it is for a system.
    pub fn is_for(&self, system: &System) -> bool {
        match (system, self.on) {
            (System::Nothing, _) => true,
            (System::Direct, on) => on == On::Direct,
            (System::Gateway(Setup::DeadFirst), on) => on == On::DeadFirst,
            (System::Gateway(Setup::Usual), on) => on != On::DeadFirst,
            (System::Gateway(Setup::Bare), _) => self.name == "small-50",
            (System::Nginx | System::Haproxy | System::Peer(_), on) => {
                matches!(on, On::Direct | On::Between)
            }
        }
    }

    /// What the processor time is counted by.
    pub fn unit(&self) -> &'static str {
        match self.load {
            Load::Closed { wish, .. } if wish.is_stream() => "event",
            _ => "request",
        }
    }
}

/// How long things are done.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Before a closed loop is measured.
    pub warm: Duration,
    /// A closed loop.
    pub closed: Duration,
    /// An open one.
    pub open: Duration,
}

impl Times {
    /// For a table that is kept.
    pub const FULL: Self =
        Self { warm: Duration::from_millis(300), closed: SECOND, open: Duration::from_secs(3) };
    /// For daily use.
    pub const QUICK: Self = Self {
        warm: Duration::from_millis(150),
        closed: Duration::from_millis(350),
        open: Duration::from_millis(1200),
    };
}
