//! The scenarios: which load is put on the systems, and on which of them.

mod listing;

use std::time::Duration;

pub(crate) use listing::HELD;
pub use listing::{BODIES, FLAT, NOT_YET, NotYet, SCENARIOS, SEED_TABLE, wishes};

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
        /// Connections: far more than are busy at once while the system keeps up.
        connections: usize,
        /// What is asked for.
        wish: Wish,
    },
    /// So many streams, opened and held.
    Held(usize),
    /// So many connections on which nothing is under way.
    Kept(usize),
    /// Clients that leave before they are answered, one after the other.
    Leaving {
        /// How many.
        times: usize,
        /// What they had asked for.
        wish: Wish,
    },
    /// Nothing: how soon it answers, and what it holds when nobody asks.
    Idle,
}

/// Which systems a scenario is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum On {
    /// All, and the upstream itself, whose times are subtracted.
    Direct,
    /// All that stand between, but the second of two that are installed.
    Between,
    /// The gateway, the proxy that does nothing, and the upstream itself.
    PairDirect,
    /// The gateway and the proxy that does nothing.
    Pair,
    /// The gateway with a dead first target, and the proxy that does nothing.
    DeadFirst,
    /// The gateway with a target of another dialect, and the proxy that does nothing.
    Converting,
}

/// Descriptors that a system has besides those of its connections.
const SPARE: usize = 200;

impl Scenario {
    /// Whether it is for a system.
    pub fn is_for(&self, system: &System) -> bool {
        match (system, self.on) {
            (System::Nothing, _) => true,
            (System::Direct, on) => matches!(on, On::Direct | On::PairDirect),
            (System::Gateway(Setup::DeadFirst), on) => on == On::DeadFirst,
            (System::Gateway(Setup::Converting), on) => on == On::Converting,
            (System::Gateway(Setup::Usual), on) => !matches!(on, On::DeadFirst | On::Converting),
            (System::Gateway(Setup::Bare), _) => self.name == "small-50",
            // Where both are installed, a second of the kind in every row would only cost time.
            (System::Haproxy, on) => on == On::Direct,
            // Whoever runs already can neither be started nor be started anew.
            (System::Peer(_), on) => {
                matches!(on, On::Direct | On::Between) && !matches!(self.load, Load::Idle)
            }
            (System::Nginx, on) => matches!(on, On::Direct | On::Between),
        }
    }

    /// What the processor time is counted by.
    pub fn unit(&self) -> &'static str {
        match self.load {
            Load::Closed { wish, .. } if wish.is_stream() => "event",
            _ => "request",
        }
    }

    /// Whether it is meant to use up the system's core: only then does its rate say anything.
    pub fn saturates(&self) -> bool {
        match self.load {
            Load::Closed { wish, .. } => wish.delay.is_zero() && wish.pause.is_zero(),
            _ => false,
        }
    }

    /// Whether requests come at a rate of their own, so that times may be compared with `direct`'s.
    pub fn is_open(&self) -> bool {
        matches!(self.load, Load::Open { .. })
    }

    /// How many descriptors a proxy needs for it: two for each connection.
    pub fn descriptors(&self) -> u64 {
        let connections = match self.load {
            Load::Closed { connections, .. } | Load::Open { connections, .. } => connections,
            Load::Held(count) | Load::Kept(count) => count,
            Load::Leaving { .. } | Load::Idle => 1,
        };
        (2 * connections + SPARE) as u64
    }
}

/// How long things are done.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Before anything is measured.
    pub warm: Duration,
    /// A closed loop.
    pub closed: Duration,
    /// An open one.
    pub open: Duration,
}

impl Times {
    /// For a table that is kept.
    pub const FULL: Self = Self {
        warm: Duration::from_millis(250),
        closed: Duration::from_millis(800),
        open: Duration::from_millis(2000),
    };
    /// For daily use.
    pub const QUICK: Self = Self {
        warm: Duration::from_millis(150),
        closed: Duration::from_millis(350),
        open: Duration::from_millis(1000),
    };

    /// How long a closed loop is measured: at least one whole turn of each connection.
    pub fn window(&self, wish: &Wish) -> Duration {
        self.closed.max(wish.delay)
    }

    /// About how long one run takes, its start and its end included.
    pub fn estimate(&self, load: Load) -> Duration {
        /// To start a system, to fill its pools, and to see it off.
        const START: Duration = Duration::from_millis(100);
        /// To open a connection through a system and have it answered.
        const OPENING: Duration = Duration::from_micros(250);
        /// To come, to leave, and to hear that it was seen.
        const LEAVING: Duration = Duration::from_millis(6);
        let opening = |count: usize| OPENING * u32::try_from(count).unwrap_or(u32::MAX);
        let work = match load {
            Load::Closed { connections, wish, .. } => {
                let pauses = u32::try_from(wish.events / wish.per_write).unwrap_or(u32::MAX);
                let turn = wish.delay + wish.pause * pauses;
                opening(connections) + self.warm + self.window(&wish) + turn * 2
            }
            Load::Open { connections, .. } => opening(connections) + self.warm + self.open,
            Load::Held(count) | Load::Kept(count) => opening(count) * 2,
            Load::Leaving { times, .. } => LEAVING * u32::try_from(times).unwrap_or(u32::MAX),
            Load::Idle => Duration::from_millis(300),
        };
        START + work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(systems: &[System], times: Times, chosen: fn(&Scenario) -> bool) -> Duration {
        let runs = SCENARIOS.iter().filter(|s| chosen(s)).map(|scenario| {
            let count = systems.iter().filter(|system| scenario.is_for(system)).count();
            times.estimate(scenario.load) * u32::try_from(count).unwrap()
        });
        runs.sum()
    }

    #[test]
    fn five_rounds_of_everything_fit_into_twelve_minutes_and_three_quick_ones_into_ninety_seconds()
    {
        let gateways = Setup::ALL.map(System::Gateway);
        let mut systems = vec![System::Direct, System::Nothing, System::Nginx, System::Haproxy];
        systems.extend(gateways);
        let full = total(&systems, Times::FULL, |_| true) * 5;
        assert!(full < Duration::from_secs(12 * 60), "{full:?}");
        systems.retain(|system| !matches!(system, System::Nginx | System::Haproxy));
        let quick = total(&systems, Times::QUICK, |scenario| scenario.is_quick) * 3;
        assert!(quick < Duration::from_secs(90), "{quick:?}");
    }

    #[test]
    fn names_are_unique_and_what_is_not_measured_yet_is_not_among_them() {
        let mut names: Vec<_> = SCENARIOS.iter().chain(SEED_TABLE).map(|s| s.name).collect();
        names.extend(NOT_YET.iter().map(|row| row.name));
        names.sort_unstable();
        // The last row of the seed's table is one of the usual run, too.
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert_eq!(twice, [["users-1000", "users-1000"]]);
    }
}
