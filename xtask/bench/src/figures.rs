//! The figures of one run, by name.

use std::collections::BTreeMap;

use crate::{
    driver::Observed,
    meter::Meter,
    percentile::{ASKED, percentile},
};

/// What was measured. Names end in their unit.
#[derive(Debug, Default)]
pub(crate) struct Figures(pub(crate) BTreeMap<String, f64>);

impl Figures {
    pub(crate) fn put(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn load(
        &mut self,
        seen: &Observed,
        meter: &Meter,
        is_stream: bool,
    ) -> Result<(), String> {
        let units = if is_stream { seen.events } else { seen.requests } as f64;
        let (wall, cpu) = (meter.wall.as_secs_f64(), meter.cpu.as_secs_f64());
        if units <= 0.0 {
            return Err(format!("nothing was answered in {wall:.1} s"));
        }
        self.put("per_second", units / wall);
        self.put("load_percent", 100.0 * meter.load_cpu.as_secs_f64() / wall);
        if !meter.cpu.is_zero() {
            self.put("cpu_us", cpu * 1e6 / units);
            self.put("core_percent", 100.0 * cpu / wall);
        }
        if !is_stream {
            self.times("", &seen.latencies);
        }
        self.times("delay_", &seen.delays);
        Ok(())
    }

    /// The percentiles for which there are enough.
    pub(crate) fn times(&mut self, prefix: &str, times: &[u32]) {
        let mut times = times.to_vec();
        times.sort_unstable();
        for (name, mille) in ASKED {
            if let Some(time) = percentile(&times, *mille) {
                self.put(&format!("{prefix}{name}"), time);
            }
        }
    }

    pub(crate) fn slowest(&mut self, times: &[u32]) {
        if let Some(slowest) = times.iter().max() {
            self.put("slowest_us", f64::from(*slowest));
        }
    }

    pub(crate) fn memory(&mut self, meter: &Meter) {
        if meter.resident > 0.0 {
            self.put("rss_mb", meter.resident / 1024.0);
        }
    }
}

/// A run in a line.
pub(crate) fn shown(figures: &BTreeMap<String, f64>, foreign: f64) -> String {
    let known = [
        ("cpu_us", "µs"),
        ("per_second", "/s"),
        ("core_percent", "% core"),
        ("p50_us", "µs p50"),
        ("p99_us", "µs p99"),
        ("slowest_us", "µs slowest"),
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
