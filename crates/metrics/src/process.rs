//! What the system knows about the process, read when somebody asks: `process_*`.

use std::fmt;

use procfs::{
    CurrentSI, KernelStats, ProcResult, WithCurrentSystemInfo,
    process::{LimitValue, Process as Entry},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

/// The process that this runs in. What cannot be read is left out.
#[derive(Debug)]
pub(crate) struct Process {
    /// Seconds since 1970; it does not change, and is not cheap to find out.
    started: Option<f64>,
}

impl Process {
    pub(crate) fn new() -> Self {
        Self { started: started().ok() }
    }
}

fn started() -> ProcResult<f64> {
    let since_boot = Entry::myself()?.stat()?.starttime as f64 / procfs::ticks_per_second() as f64;
    Ok(KernelStats::current()?.btime as f64 + since_boot)
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Ok(entry) = Entry::myself() else { return Ok(()) };
        let mut gauge = |name, help, value: Option<f64>| match value {
            Some(value) => encode(&mut encoder, name, help, &ConstGauge::new(value)),
            None => Ok(()),
        };
        let stat = entry.stat().ok();
        let stat = stat.as_ref();
        let resident = stat.map(|stat| stat.rss_bytes().get() as f64);
        let open = entry.fd_count().ok().map(|count| count as f64);
        gauge("process_resident_memory_bytes", "Memory that is in use", resident)?;
        let virt = stat.map(|stat| stat.vsize as f64);
        gauge("process_virtual_memory_bytes", "Memory that is mapped", virt)?;
        gauge("process_open_fds", "Open descriptors", open)?;
        gauge("process_max_fds", "Descriptors that may be open", max_open(&entry))?;
        let threads = stat.map(|stat| stat.num_threads as f64);
        gauge("process_threads", "Threads", threads)?;
        gauge("process_start_time_seconds", "When it started, since 1970", self.started)?;
        let Some(stat) = stat else { return Ok(()) };
        let seconds = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        // The encoder adds `_total` to the name of a counter.
        let used = ConstCounter::new(seconds);
        encode(&mut encoder, "process_cpu_seconds", "Time on processors", &used)
    }
}

fn max_open(entry: &Entry) -> Option<f64> {
    match entry.limits().ok()?.max_open_files.soft_limit {
        LimitValue::Value(limit) => Some(limit as f64),
        LimitValue::Unlimited => Some(f64::INFINITY),
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> Result<(), fmt::Error> {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}
