//! A window of time: what the system under test spent in it, what the load did, and what strangers
//! did.

use std::{fs, time::Duration};

use tokio::time::Instant;

use crate::machine::{count, cpu, family, resident};

/// Ticks of `/proc/stat` a second; the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Measures a window of time.
#[derive(Debug)]
pub struct Meter {
    /// The processes of the system under test; none where the driver asks the upstream itself.
    system: Vec<u32>,
    /// The driver and the upstream.
    load: Vec<u32>,
    begun: Option<Reading>,
    /// Time on the clock.
    pub wall: Duration,
    /// Processor time of the system.
    pub cpu: Duration,
    /// Processor time of the driver and the upstream, which share a core.
    pub load_cpu: Duration,
    /// The share of the machine that strangers used, in percent.
    pub foreign: f64,
    /// The system's resident memory at the end of the window, while the load was still on it, in
    /// kilobytes.
    pub resident: f64,
}

#[derive(Debug)]
struct Reading {
    at: Instant,
    system: Duration,
    load: Duration,
    busy: Duration,
}

impl Meter {
    /// One for a system, in the company of these processes.
    pub fn new(system: Option<u32>, others: &[u32]) -> Self {
        let load = others.iter().copied().chain([std::process::id()]).collect();
        Self {
            system: system.map(family).unwrap_or_default(),
            load,
            begun: None,
            wall: Duration::ZERO,
            cpu: Duration::ZERO,
            load_cpu: Duration::ZERO,
            foreign: 0.0,
            resident: 0.0,
        }
    }

    /// The system's process has started since: all that it spent counts.
    pub fn join(&mut self, system: Option<u32>) {
        self.system = system.map(family).unwrap_or_default();
    }

    /// The window begins.
    pub fn start(&mut self) {
        self.begun = Some(self.read());
    }

    /// The window ends.
    pub fn stop(&mut self) {
        let (Some(begun), now) = (self.begun.take(), self.read()) else { return };
        self.wall = now.at - begun.at;
        self.cpu = now.system.saturating_sub(begun.system);
        self.load_cpu = now.load.saturating_sub(begun.load);
        self.resident = self.system.iter().map(|pid| resident(*pid)).sum();
        let strangers = now.busy.saturating_sub(begun.busy);
        let strangers = strangers.saturating_sub(self.cpu).saturating_sub(self.load_cpu);
        let machine = self.wall.as_secs_f64() * count().max(1) as f64;
        self.foreign = 100.0 * strangers.as_secs_f64() / machine.max(f64::MIN_POSITIVE);
    }

    fn read(&self) -> Reading {
        let spent = |pids: &[u32]| pids.iter().filter_map(|pid| cpu(*pid)).sum();
        Reading {
            at: Instant::now(),
            system: spent(&self.system),
            load: spent(&self.load),
            busy: busy(),
        }
    }
}

/// Busy time of the whole machine so far; what its host took away counts as busy.
fn busy() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|t| t.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let spent = ticks.iter().take(8).sum::<f64>() - ticks.iter().skip(3).take(2).sum::<f64>();
    Duration::from_secs_f64(spent.max(0.0) / TICKS)
}
