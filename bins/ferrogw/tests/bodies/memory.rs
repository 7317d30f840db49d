//! How much memory a process takes while something happens.

use std::fs;

/// By how much the memory of a process grows at most, over what it has now, while something happens.
///
/// Code that is run for the first time is read from the binary, and counts: whatever happens has to
/// have happened once before, on a smaller scale.
pub(crate) async fn growth(process: u32, happening: impl Future<Output = ()>) -> u64 {
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
