//! Runs every scenario on every system, round after round.
//!
//! All systems meet a scenario back to back, in an order that is rotated from round to round; each
//! run has a process of its own, so that memory is its own as well.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::{
    driver::{Held, Observed, Prepared, closed, open},
    machine::{Meter, resident},
    scenario::{Load, Scenario, Times},
    system::{Places, Started, System},
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

impl Plan<'_> {
    /// Runs everything; `tell` hears of each run. A system that fails a scenario is told of, and has
    /// no figures there.
    pub async fn run(&self, mut tell: impl FnMut(&str)) -> Vec<Run> {
        let mut runs = Vec::new();
        for round in 0..self.rounds {
            for scenario in &self.scenarios {
                let mut systems: Vec<_> =
                    self.systems.iter().filter(|system| scenario.is_for(system)).collect();
                let count = systems.len().max(1);
                systems.rotate_left(round % count);
                for system in systems {
                    let (name, of) = (scenario.name, self.rounds);
                    let place = format!("[{}/{of}] {name:<12} {:<16}", round + 1, system.name());
                    let measured = timeout(PATIENCE, self.measure(scenario, system)).await;
                    match measured.unwrap_or_else(|_| Err("it hangs".to_owned())) {
                        Ok((foreign, figures)) => {
                            tell(&format!("{place} {}", shown(&figures, foreign)));
                            let (scenario, system) = (name.to_owned(), system.name().to_owned());
                            runs.push(Run { round, scenario, system, foreign, figures });
                        }
                        Err(error) => tell(&format!("{place} FAILED: {error}")),
                    }
                }
            }
        }
        runs
    }

    async fn measure(
        &self,
        scenario: &Scenario,
        system: &System,
    ) -> Result<(f64, BTreeMap<String, f64>), String> {
        let started = system.start(&self.places).await?;
        let mut meter = Meter::new(started.pid, &[self.upstream]);
        let mut figures = Figures::default();
        match scenario.load {
            Load::Closed { connections, wish, prompt } => {
                let request = Prepared::new(&started.goal, wish, prompt);
                let times = (self.times.warm, self.times.closed);
                let seen = closed(&started.goal, &request, connections, times, &mut meter).await?;
                figures.load(&seen, &meter, wish.is_stream());
                figures.memory(&started);
            }
            Load::Open { rate, wish } => {
                let request = Prepared::new(&started.goal, wish, 400);
                let seen = open(&started.goal, &request, rate, self.times.open, &mut meter).await?;
                figures.load(&seen, &meter, false);
            }
            Load::Held(streams) => hold(&started, streams, (&mut meter, &mut figures)).await?,
            Load::Idle => {
                meter.start();
                sleep(Duration::from_millis(300)).await;
                meter.stop();
                figures.put("cold_ms", started.cold);
                figures.memory(&started);
            }
        }
        Ok((meter.foreign, figures.0))
    }
}

async fn hold(
    started: &Started,
    streams: usize,
    (meter, figures): (&mut Meter, &mut Figures),
) -> Result<(), String> {
    let Some(pid) = started.pid else { return Err("there is no process to look at".to_owned()) };
    // What the first streams bring once, for all that follow, is not theirs.
    let few = Held::open(&started.goal, 10).await?;
    let before = resident(pid);
    meter.start();
    let held = Held::open(&started.goal, streams).await?;
    meter.stop();
    let grown = resident(pid) - before;
    figures.put("each_kb", grown / held.count() as f64);
    figures.memory(started);
    drop(few);
    Ok(())
}

#[derive(Debug, Default)]
struct Figures(BTreeMap<String, f64>);

impl Figures {
    fn put(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    fn load(&mut self, seen: &Observed, meter: &Meter, is_stream: bool) {
        let units = if is_stream { seen.events } else { seen.requests } as f64;
        let (wall, cpu) = (meter.wall.as_secs_f64(), meter.cpu.as_secs_f64());
        if units > 0.0 {
            self.put("per_second", units / wall);
            if !meter.cpu.is_zero() {
                self.put("cpu_us", cpu * 1e6 / units);
                self.put("core_percent", 100.0 * cpu / wall);
            }
        }
        if !is_stream {
            self.percentiles("", &seen.latencies);
        }
        self.percentiles("delay_", &seen.delays);
    }

    fn percentiles(&mut self, prefix: &str, times: &[u32]) {
        let mut times = times.to_vec();
        times.sort_unstable();
        for (name, mille) in [("p50_us", 500), ("p99_us", 990), ("p999_us", 999)] {
            if let Some(time) = times.get(times.len() * mille / 1000) {
                self.put(&format!("{prefix}{name}"), f64::from(*time));
            }
        }
    }

    fn memory(&mut self, started: &Started) {
        if let Some(pid) = started.pid {
            self.put("rss_mb", resident(pid) / 1024.0);
        }
    }
}

/// A run in a line.
fn shown(figures: &BTreeMap<String, f64>, foreign: f64) -> String {
    let known = [
        ("cpu_us", "µs"),
        ("per_second", "/s"),
        ("p50_us", "µs p50"),
        ("p99_us", "µs p99"),
        ("each_kb", "kB each"),
        ("cold_ms", "ms cold"),
        ("rss_mb", "MB"),
    ];
    let parts = known.iter().filter_map(|(name, unit)| {
        let value = figures.get(*name)?;
        let digits = usize::from(*value < 100.0);
        Some(format!("{value:.digits$} {unit}"))
    });
    let foreign = format!("{foreign:.0} % foreign");
    parts.chain([foreign]).collect::<Vec<_>>().join(", ")
}
