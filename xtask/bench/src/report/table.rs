//! The figures as a table that a terminal and a README show alike.

use super::{NOISE, Report, Row, Spread};
use crate::scenario::{NOT_YET, Scenario};

/// The share of its core, in percent, below which a system was not what limited the rate.
pub(super) const SATURATED: f64 = 93.0;

/// Every row, by scenario; what follows from several; what does not stand yet.
pub fn table(report: &Report, scenarios: &[&Scenario]) -> String {
    let mut text = String::from(
        "| scenario | system | CPU µs each | ratio to nothing | each /s | p50 ms | p99 ms | \
         core % | RSS MB | foreign % |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for scenario in scenarios {
        let rows = report.rows.iter().filter(|row| row.scenario == scenario.name);
        let mut title = format!("{} (per {})", scenario.title, scenario.unit());
        for row in rows {
            text += &line(&title, row, scenario.saturates());
            title = String::new();
        }
    }
    let not_yet = NOT_YET.iter().map(|row| {
        format!(
            "| {} (`{}`) | | waits for {} | | | | | | | |\n",
            row.title, row.name, row.waits_for
        )
    });
    text.extend(not_yet);
    text += "\n`≥`: the system used less than 93 % of its core, so its rate was limited by the \
             driver, the upstream or strangers, and not by the system.\n";
    text + &several(report)
}

/// What follows from several scenarios.
fn several(report: &Report) -> String {
    let lines = report.rows.iter().filter_map(|row| match row.scenario.as_str() {
        "body-slope" => slope(row),
        "flat" => flatness(row),
        _ => None,
    });
    lines.flat_map(|line| ["\n".to_owned(), line, "\n".to_owned()]).collect()
}

fn slope(row: &Row) -> Option<String> {
    let figure = |name| row.figures.get(name);
    let (slope, base) = (spread(figure("us_per_kb")?), figure("base_us")?.median);
    let Spread { median, least, most } = figure("residual_percent")?;
    let (system, noise) = (&row.system, noisy(row.foreign));
    Some(format!(
        "body, {system}: {slope} µs per kB and {base:.0} µs for none; from 1 kB to 1 MB at most \
         {median:.0} % [{least:.0}–{most:.0}] off the line{noise}"
    ))
}

fn flatness(row: &Row) -> Option<String> {
    let (system, noise) = (&row.system, noisy(row.foreign));
    let flatness = spread(row.figures.get("flatness")?);
    Some(format!(
        "connections, {system}: from 10 to 9,000 the dearest request costs {flatness} of the \
         cheapest{noise}"
    ))
}

fn line(title: &str, row: &Row, saturates: bool) -> String {
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
    let slowest = match row.figures.get("slowest_us") {
        Some(slowest) => format!("{} slowest", number(slowest.median / 1e3)),
        None => time("p99_us"),
    };
    let bound = if saturates && !is_saturated(row) { "≥ " } else { "" };
    format!(
        "| {title} | {} | {cpu} | {ratio} | {bound}{} | {} | {slowest} | {} | {memory} | \
         {:.0}{} |\n",
        row.system,
        median("per_second", 1.0),
        time("p50_us"),
        median("core_percent", 1.0),
        row.foreign,
        noisy(row.foreign),
    )
}

/// Whether the system had all of its core to do; the upstream itself has none.
pub(super) fn is_saturated(row: &Row) -> bool {
    row.figures.get("core_percent").is_none_or(|core| core.median >= SATURATED)
}

fn noisy(foreign: f64) -> &'static str {
    if foreign > NOISE { " noisy" } else { "" }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scenario::SCENARIOS;

    #[test]
    fn a_rate_that_was_not_the_systems_limit_is_marked() {
        let row = |core: f64| Row {
            scenario: "small-50".to_owned(),
            system: "gateway".to_owned(),
            foreign: 0.0,
            figures: BTreeMap::from([
                ("per_second".to_owned(), Spread { median: 500.0, least: 1.0, most: 900.0 }),
                ("core_percent".to_owned(), Spread { median: core, least: core, most: core }),
            ]),
        };
        assert!(line("", &row(92.9), true).contains("| ≥ 500 |"));
        assert!(line("", &row(93.0), true).contains("| 500 |"));
        assert!(line("", &row(10.0), false).contains("| 500 |"));
    }

    #[test]
    fn what_does_not_stand_yet_is_named_in_the_table() {
        let word = String::new;
        let report =
            Report { revision: word(), date: word(), machine: word(), rounds: 0, rows: Vec::new() };
        let text = table(&report, &SCENARIOS.iter().collect::<Vec<_>>());
        for row in NOT_YET {
            assert!(text.contains(row.name) && text.contains(row.waits_for), "{text}");
        }
    }
}
