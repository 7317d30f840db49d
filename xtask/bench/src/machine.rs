//! What the kernel says about the machine and about processes: whose time was spent where.

use std::{fs, process::Command, time::Duration};

use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::time::Instant;

/// Ticks of `/proc` a second; the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// The cores of a measurement: one for what is measured, another for everything else.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// Where the system under test runs.
    pub system: usize,
    /// Where the driver and the upstream run.
    pub load: usize,
}

impl Cores {
    /// The first and the last core of this machine.
    pub fn of_machine() -> Result<Self, String> {
        match count() {
            0 | 1 => Err("a measurement needs two cores".to_owned()),
            count => Ok(Self { system: 0, load: count - 1 }),
        }
    }

    /// Puts this process on the load's core.
    pub fn pin_load(self) -> Result<(), String> {
        let mut set = CpuSet::new();
        set.set(self.load);
        sched_setaffinity(None, &set).map_err(|error| format!("cores cannot be chosen: {error}"))
    }
}

/// How many cores the machine has, whichever this process may use.
pub fn count() -> usize {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let cores = text.lines().filter(|line| line.starts_with("cpu"));
    cores.count().saturating_sub(1)
}

/// What a reader of the figures has to know of the machine.
pub fn description() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.unwrap_or("unknown processor");
    format!("{} × {model}, Linux {}", count(), kernel.trim())
}

/// What a command prints, on one line; nothing if it cannot be run.
pub fn printed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}

/// The processor time of a process so far, by the scheduler's own account.
pub fn cpu(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let spent = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// The resident memory of a process, in kilobytes.
pub fn resident(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0)
}

/// Busy time of the whole machine so far.
fn busy() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|t| t.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let spent = ticks.iter().take(8).sum::<f64>() - ticks.iter().skip(3).take(2).sum::<f64>();
    Duration::from_secs_f64(spent / TICKS)
}

/// Measures a window of time: what the system spent in it, and what strangers did.
#[derive(Debug)]
pub struct Meter {
    /// The system under test; none where the driver asks the upstream itself.
    system: Option<u32>,
    /// All processes of the measurement.
    ours: Vec<u32>,
    begun: Option<Reading>,
    /// Time on the clock.
    pub wall: Duration,
    /// Processor time of the system.
    pub cpu: Duration,
    /// The share of the machine that strangers used, in percent.
    pub foreign: f64,
}

#[derive(Debug)]
struct Reading {
    at: Instant,
    system: Duration,
    ours: Duration,
    busy: Duration,
}

impl Meter {
    /// One for a system, in the company of these processes.
    pub fn new(system: Option<u32>, others: &[u32]) -> Self {
        let ours = others.iter().copied().chain(system).chain([std::process::id()]).collect();
        let zero = Duration::ZERO;
        Self { system, ours, begun: None, wall: zero, cpu: zero, foreign: 0.0 }
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
        let strangers =
            now.busy.saturating_sub(begun.busy).saturating_sub(now.ours.saturating_sub(begun.ours));
        self.foreign =
            100.0 * strangers.as_secs_f64() / (self.wall.as_secs_f64() * count().max(1) as f64);
    }

    fn read(&self) -> Reading {
        Reading {
            at: Instant::now(),
            system: self.system.map(cpu).unwrap_or_default(),
            ours: self.ours.iter().map(|pid| cpu(*pid)).sum(),
            busy: busy(),
        }
    }
}
