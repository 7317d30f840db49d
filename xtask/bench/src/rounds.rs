//! Runs every scenario on every system, round after round.
//!
//! All systems meet a scenario back to back, in an order that changes from round to round; each run
//! has a process of its own, so that memory is its own as well.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::{
    figures::shown,
    run::measure,
    scenario::{Scenario, Times},
    system::{Places, System},
};

/// A run that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// One system under one load in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Which round, from 0.
    pub round: usize,
    /// The scenario's name.
    pub scenario: String,
    /// The system's name.
    pub system: String,
    /// The share of the machine that strangers used, in percent.
    pub foreign: f64,
    /// What was measured, by name.
    pub figures: BTreeMap<String, f64>,
    /// Latencies in microseconds where they are few: percentiles that a round is too short for are
    /// taken over all of them.
    #[serde(skip)]
    pub samples: Vec<u32>,
}

/// What is run.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The scenarios, in their order.
    pub scenarios: Vec<&'a Scenario>,
    /// The systems.
    pub systems: Vec<System>,
    /// How often.
    pub rounds: usize,
    /// How long each load lasts.
    pub times: Times,
    /// Where things are.
    pub places: Places,
    /// The upstream's process.
    pub upstream: u32,
}

/// What came of a plan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Every run that has figures.
    pub runs: Vec<Run>,
    /// Every run that has none, and why.
    pub failed: Vec<String>,
}

impl Plan<'_> {
    /// Runs everything; `tell` hears of each run.
    pub async fn run(&self, mut tell: impl FnMut(&str)) -> Outcome {
        let mut outcome = Outcome::default();
        let (mut done, all) = (0, self.count());
        for round in 0..self.rounds {
            for scenario in &self.scenarios {
                let of = self.systems.iter().filter(|system| scenario.is_for(system));
                for system in in_order(of.collect(), round) {
                    done += 1;
                    let (name, rounds) = (scenario.name, self.rounds);
                    let place = format!("{name:<12} {:<16}", system.name());
                    let measured = timeout(PATIENCE, measure(self, scenario, system)).await;
                    let line = match measured.unwrap_or_else(|_| Err("it hangs".to_owned())) {
                        Ok(run) => {
                            let line = format!("{place} {}", shown(&run.figures, run.foreign));
                            outcome.runs.push(Run { round, ..run });
                            line
                        }
                        Err(error) => {
                            outcome.failed.push(format!("{name} on {}: {error}", system.name()));
                            format!("{place} FAILED: {error}")
                        }
                    };
                    tell(&format!("[{}/{rounds}, {done} of {all}] {line}", round + 1));
                }
            }
        }
        outcome
    }

    /// How many runs there are.
    pub fn count(&self) -> usize {
        let pairs = |scenario: &&Scenario| {
            self.systems.iter().filter(|system| scenario.is_for(system)).count()
        };
        self.rounds * self.scenarios.iter().map(pairs).sum::<usize>()
    }

    /// About how long all of it takes.
    pub fn estimate(&self) -> Duration {
        let runs = self.scenarios.iter().map(|scenario| {
            let count = self.systems.iter().filter(|system| scenario.is_for(system)).count();
            self.times.estimate(scenario.load) * u32::try_from(count).unwrap_or(u32::MAX)
        });
        runs.sum::<Duration>() * u32::try_from(self.rounds).unwrap_or(u32::MAX)
    }
}

/// The systems of a round: each begins as often as any other, and every other round runs backwards,
/// so that nobody always follows the same one.
fn in_order<T>(mut systems: Vec<T>, round: usize) -> Vec<T> {
    let count = systems.len().max(1);
    systems.rotate_left(round % count);
    if round % 2 == 1 {
        systems.reverse();
    }
    systems
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_round_has_every_system_and_nobody_always_follows_the_same_one() {
        let rounds: Vec<_> = (0..5).map(|round| in_order(vec!['a', 'b', 'c'], round)).collect();
        for round in &rounds {
            assert_eq!(round.iter().collect::<BTreeSet<_>>().len(), 3, "{round:?}");
        }
        let firsts: BTreeSet<_> = rounds.iter().map(|round| round[0]).collect();
        assert!(firsts.len() > 1, "{rounds:?}");
        let before_b = rounds.iter().map(|round| {
            let at = round.iter().position(|system| *system == 'b').unwrap();
            at.checked_sub(1).map(|at| round[at])
        });
        assert!(before_b.collect::<BTreeSet<_>>().len() > 1, "{rounds:?}");
        assert!(in_order(Vec::<char>::new(), 3).is_empty());
    }
}
