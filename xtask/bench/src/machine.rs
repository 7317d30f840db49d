//! What the kernel says about the machine and about processes: whose time was spent where.

use std::{fs, process::Command, time::Duration};

use nix::{time::clock_getcpuclockid, unistd::Pid};
use rustix::{
    process::{Resource, getrlimit, setrlimit},
    thread::{CpuSet, sched_setaffinity},
};

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
        pin(None, self.load).map_err(|error| format!("cores cannot be chosen: {error}"))
    }

    /// Puts a process that runs already, with all its threads and children, on the system's core.
    pub fn pin_system(self, pid: u32) -> Result<(), String> {
        let family = family(pid);
        if family.contains(&std::process::id()) {
            return Err(format!("pid {pid}: the bench itself was started by that process"));
        }
        for thread in family.into_iter().flat_map(threads) {
            let Some(id) = i32::try_from(thread).ok().and_then(rustix::process::Pid::from_raw)
            else {
                continue;
            };
            match pin(Some(id), self.system) {
                // One that has ended meanwhile needs no core.
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => {
                    let core = self.system;
                    return Err(format!("process {pid} cannot be put on core {core}: {error}"));
                }
            }
        }
        Ok(())
    }
}

fn pin(thread: Option<rustix::process::Pid>, core: usize) -> rustix::io::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(thread, &set)
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

/// Raises the number of descriptors that this process and its children may have to the hard limit;
/// what it is then.
pub fn raise_descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where it is refused, what holds is what counts.
    setrlimit(Resource::Nofile, limit).unwrap_or_default();
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// The processor time of a process so far, by the scheduler's own account. Threads that have ended
/// are part of it, which the sum over `/proc/PID/task` leaves out. Nothing once it has ended.
pub fn cpu(pid: u32) -> Option<Duration> {
    let pid = i32::try_from(pid).ok()?;
    let spent = clock_getcpuclockid(Pid::from_raw(pid)).ok()?.now().ok()?;
    Some(spent.into())
}

/// A process and those that it started: a master counts with its workers.
pub fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        next += 1;
        for thread in threads(pid) {
            let path = format!("/proc/{pid}/task/{thread}/children");
            let children = fs::read_to_string(path).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    all
}

fn threads(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// The resident memory of a process, in kilobytes.
pub fn resident(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, thread};

    use super::*;

    #[test]
    fn the_time_of_a_thread_that_has_ended_is_not_lost() {
        let spent = || cpu(std::process::id()).unwrap();
        let before = spent();
        let busy = thread::spawn(move || {
            while spent() < before + Duration::from_millis(30) {
                black_box(0_u64.wrapping_add(1));
            }
        });
        busy.join().unwrap();
        assert!(spent() >= before + Duration::from_millis(30));
    }

    #[test]
    fn a_child_is_of_the_family() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let family = family(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(family.first(), Some(&std::process::id()));
        assert!(family.contains(&child.id()), "{family:?}");
        assert_eq!(cpu(child.id()), None);
    }

    #[test]
    fn the_bench_does_not_measure_itself_as_a_peer() {
        let cores = Cores { system: 0, load: 0 };
        let error = cores.pin_system(std::process::id()).unwrap_err();
        assert!(error.contains("the bench itself"), "{error}");
    }
}
