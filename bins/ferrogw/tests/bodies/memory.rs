//! How much memory a process takes while something happens.

use std::fs;

/// How often something happens. What is run or read for the first time counts as well, and so does what
/// a busy machine leaves to be freed later: the least of several times is what it takes.
pub(crate) const TIMES: usize = 3;

/// By how much the memory of a process grows at most, over what it has before, while something happens.
/// Whatever happens has to have happened once before, on a smaller scale.
pub(crate) async fn growth(process: u32, happens: impl AsyncFn()) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..TIMES {
        least = least.min(growth_of_one(process, happens()).await);
    }
    least
}

async fn growth_of_one(process: u32, happening: impl Future<Output = ()>) -> u64 {
    // Forgets the most that it has ever had.
    fs::write(format!("/proc/{process}/clear_refs"), "5").expect("the process is ours");
    let before = measured(process, "VmRSS:");
    happening.await;
    measured(process, "VmHWM:").saturating_sub(before)
}

/// What the process has asked for itself, and still holds: no code.
pub(crate) fn held(process: u32) -> u64 {
    measured(process, "RssAnon:")
}

/// A measure of the process, in bytes.
fn measured(process: u32, measure: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(measure));
    let kibibytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kibibytes.expect("it is measured") << 10
}
