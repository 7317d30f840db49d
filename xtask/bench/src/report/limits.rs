//! The limits that the gateway is held to, and whether it keeps them.

use super::{
    NOISE, Report,
    table::{is_saturated, number},
};
use crate::scenario::{NOT_YET, SCENARIOS};

/// A limit on a figure of the gateway's.
struct Limit {
    what: &'static str,
    scenario: &'static str,
    figure: &'static str,
    unit: Unit,
    bound: Bound,
}

enum Unit {
    Ratio,
    Micros,
    Millis,
    Percent,
    Megabytes,
    Kilobytes,
    ColdMillis,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    Reported,
}

use Bound::{AtLeast, AtMost, Reported};

const fn limit(
    what: &'static str,
    (scenario, figure): (&'static str, &'static str),
    unit: Unit,
    bound: Bound,
) -> Limit {
    Limit { what, scenario, figure, unit, bound }
}

static LIMITS: &[Limit] = &[
    limit("small whole, 50 connections", ("small-50", "ratio"), Unit::Ratio, AtMost(1.20)),
    limit("100 kB prompt", ("body-100k", "ratio"), Unit::Ratio, AtMost(1.35)),
    limit("1 MB body", ("body-1m", "ratio"), Unit::Ratio, AtMost(1.45)),
    limit("converted between dialects", ("dialect-bridge", "ratio"), Unit::Ratio, AtMost(2.0)),
    limit("16 texts for vectors", ("embeddings-batch", "ratio"), Unit::Ratio, Reported),
    limit("stream, 16 events a write", ("stream-16", "ratio"), Unit::Ratio, AtMost(0.20)),
    limit("stream, 4 events a write", ("stream-4", "ratio"), Unit::Ratio, AtMost(0.45)),
    limit("stream, 1 event a write", ("stream-1", "ratio"), Unit::Ratio, AtMost(1.0)),
    limit("paced stream", ("stream-paced", "ratio"), Unit::Ratio, Reported),
    limit("added at 200/s, p50", ("rate-200", "added_p50_us"), Unit::Micros, AtMost(200.0)),
    limit("added at 200/s, p99", ("rate-200", "added_p99_us"), Unit::Micros, AtMost(400.0)),
    limit("added at 1,000/s, p50", ("rate-1000", "added_p50_us"), Unit::Micros, Reported),
    limit("added at 1,000/s, p99", ("rate-1000", "added_p99_us"), Unit::Micros, Reported),
    limit("added at 1,000/s, p99.9", ("rate-1000", "added_p999_us"), Unit::Micros, Reported),
    limit(
        "added to first token, p50",
        ("first-token", "added_p50_us"),
        Unit::Micros,
        AtMost(230.0),
    ),
    limit(
        "1,000 × 60 ms: share of direct",
        ("users-1000", "share_of_direct"),
        Unit::Ratio,
        AtLeast(0.98),
    ),
    limit("1,000 × 60 ms: p99", ("users-1000", "p99_us"), Unit::Millis, AtMost(80_000.0)),
    limit("1,000 × 60 ms: core", ("users-1000", "core_percent"), Unit::Percent, AtMost(60.0)),
    limit("overload, 1,000: p99", ("small-1000", "p99_us"), Unit::Millis, AtMost(120_000.0)),
    limit("idle memory", ("idle", "rss_mb"), Unit::Megabytes, AtMost(16.0)),
    limit("1,000 busy connections", ("users-1000", "rss_mb"), Unit::Megabytes, AtMost(55.0)),
    limit("100 kB × 50", ("body-100k", "rss_mb"), Unit::Megabytes, AtMost(35.0)),
    limit("open stream of 9,000", ("held-9000", "each_kb"), Unit::Kilobytes, AtMost(24.0)),
    limit("the same, to nothing's", ("held-9000", "memory_ratio"), Unit::Ratio, AtMost(1.3)),
    limit("idle connection", ("idle-1000", "each_kb"), Unit::Kilobytes, Reported),
    limit("body: µs per kB", ("body-slope", "us_per_kb"), Unit::Ratio, Reported),
    limit("body: slope to nothing's", ("body-slope", "slope_ratio"), Unit::Ratio, Reported),
    limit("body: off the line", ("body-slope", "residual_percent"), Unit::Percent, Reported),
    limit("10 to 9,000 connections", ("flat", "flatness"), Unit::Ratio, AtMost(1.6)),
    limit(
        "client leaves a stream, slowest",
        ("leave-stream", "slowest_us"),
        Unit::Millis,
        AtMost(100_000.0),
    ),
    limit(
        "client leaves before a reply, slowest",
        ("leave-wait", "slowest_us"),
        Unit::Millis,
        AtMost(100_000.0),
    ),
    limit("cold start to first byte", ("idle", "cold_ms"), Unit::ColdMillis, AtMost(30.0)),
];

/// Each limit with what was measured, and how many are missed.
pub fn table(report: &Report) -> (String, usize) {
    let verdicts: Vec<_> = LIMITS.iter().filter_map(|limit| limit.judge(report)).collect();
    let missed = verdicts.iter().filter(|(is_met, _)| !is_met).count();
    let lines: String = verdicts.into_iter().map(|(_, line)| line).collect();
    let not_yet = NOT_YET
        .iter()
        .map(|row| format!("| {} | waits for {} | {} | |\n", row.title, row.waits_for, row.limit));
    let lines = lines + &not_yet.collect::<String>();
    (format!("| what | measured | limit | |\n|---|---|---|---|\n{lines}"), missed)
}

impl Limit {
    /// Whether it is kept, and its line; none if it was not measured.
    fn judge(&self, report: &Report) -> Option<(bool, String)> {
        let row = report.gateway(self.scenario)?;
        let spread = row.figures.get(self.figure)?;
        let (is_met, bound) = match self.bound {
            AtMost(bound) => (spread.median <= bound, format!("≤ {}", self.unit.shown(bound))),
            AtLeast(bound) => (spread.median >= bound, format!("≥ {}", self.unit.shown(bound))),
            Reported => (true, "reported".to_owned()),
        };
        let verdict = match (is_met, &self.bound) {
            (_, Reported) => "",
            (true, _) => "met",
            (false, _) => "**missed**",
        };
        let noise = report.noise(self.scenario, &row.system) > NOISE;
        let noise = if noise { " (noisy)" } else { "" };
        let saturates = SCENARIOS.iter().any(|s| s.name == self.scenario && s.saturates());
        let is_rate_bound = saturates && self.figure.starts_with('p') && !is_saturated(row);
        let driver = if is_rate_bound { " (not at 93 % of its core)" } else { "" };
        let [median, least, most] =
            [spread.median, spread.least, spread.most].map(|value| self.unit.shown(value));
        let what = self.what;
        let line = format!(
            "| {what} | {median} [{least} – {most}] | {bound} | {verdict}{noise}{driver} |\n"
        );
        Some((is_met, line))
    }
}

impl Unit {
    fn shown(&self, value: f64) -> String {
        match self {
            Self::Ratio => format!("{value:.2}"),
            Self::Micros => format!("{value:.0} µs"),
            Self::Millis => format!("{} ms", number(value / 1e3)),
            Self::ColdMillis => format!("{} ms", number(value)),
            Self::Percent => format!("{value:.0} %"),
            Self::Megabytes => format!("{} MB", number(value)),
            Self::Kilobytes => format!("{} kB", number(value)),
        }
    }
}
