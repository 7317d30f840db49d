//! The figures as a table that a terminal and a README show alike.

use super::{NOISE, Report, Row, Spread};
use crate::scenario::{NOT_YET, Scenario};

/// Every row, by scenario.
pub fn table(report: &Report, scenarios: &[&Scenario]) -> String {
    let mut text = String::from(
        "| scenario | system | CPU µs each | ratio to nothing | each /s | p50 ms | p99 ms | \
         core % | RSS MB | foreign % |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for scenario in scenarios {
        let rows = report.rows.iter().filter(|row| row.scenario == scenario.name);
        let mut title = format!("{} (per {})", scenario.title, scenario.unit());
        for row in rows {
            text += &line(&title, row);
            title = String::new();
        }
    }
    let not_yet = NOT_YET.iter().map(|(what, waits_for)| {
        format!("| {what} | | not yet: waits for {waits_for} | | | | | | | |\n")
    });
    text.extend(not_yet);
    text
}

fn line(title: &str, row: &Row) -> String {
    let median = |name: &str, scale: f64| {
        let found = row.figures.get(name);
        found.map_or(String::new(), |spread| number(spread.median / scale))
    };
    // A stream's own duration says nothing; how long its events are under way does.
    let time = |name: &str| {
        let delay = median(&format!("delay_{name}"), 1e3);
        if delay.is_empty() { median(name, 1e3) } else { delay }
    };
    let ratio = ["ratio", "memory_ratio"].iter().find_map(|name| row.figures.get(*name));
    let ratio = ratio.map(spread).unwrap_or_default();
    let memory = match row.figures.get("each_kb") {
        Some(each) => format!("{}, {} kB each", median("rss_mb", 1.0), number(each.median)),
        None => median("rss_mb", 1.0),
    };
    let cpu = match row.figures.get("cold_ms") {
        Some(cold) => format!("cold start {} ms", number(cold.median)),
        None => median("cpu_us", 1.0),
    };
    let noise = if row.foreign > NOISE { " noisy" } else { "" };
    format!(
        "| {title} | {} | {cpu} | {ratio} | {} | {} | {} | {} | {memory} | {:.0}{noise} |\n",
        row.system,
        median("per_second", 1.0),
        time("p50_us"),
        time("p99_us"),
        median("core_percent", 1.0),
        row.foreign,
    )
}

/// A median with its spread.
pub(super) fn spread(spread: &Spread) -> String {
    format!("{:.2} [{:.2}–{:.2}]", spread.median, spread.least, spread.most)
}

/// With as many digits as are worth reading.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
