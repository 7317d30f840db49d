//! The five rows that the gateway's predecessor published, beside the same load here.

use super::{NOISE, Report, Row, table::number};

/// What was published for so many users: on eight cores of another machine, with the upstream's
/// 60 ms in the times.
struct Published {
    scenario: &'static str,
    users: u32,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    memory_mb: f64,
}

const fn published(
    scenario: &'static str,
    users: u32,
    [per_second, p50_ms, p99_ms, memory_mb]: [f64; 4],
) -> Published {
    Published { scenario, users, per_second, p50_ms, p99_ms, memory_mb }
}

static SEED: &[Published] = &[
    published("users-50", 50, [813.0, 61.3, 64.1, 36.0]),
    published("users-150", 150, [2447.0, 61.2, 63.4, 47.0]),
    published("users-300", 300, [4890.0, 61.2, 64.4, 72.0]),
    published("users-500", 500, [8014.0, 61.5, 72.9, 89.0]),
    published("users-1000", 1000, [13_925.0, 68.1, 111.9, 135.0]),
];

/// Each row; the direct run's times are subtracted in the columns that say "added".
pub fn table(report: &Report) -> String {
    let head = "| users | system | requests/s | p50 ms | p99 ms | added p50 ms | added p99 ms | \
                core % | RSS MB | foreign % |\n|---|---|---|---|---|---|---|---|---|---|\n";
    let mut text = String::from(head);
    for published in SEED {
        let mut rows = report.rows.iter().filter(|row| row.scenario == published.scenario);
        // A table of some of the rows does without the others.
        if let Some(first) = rows.next() {
            text += &seed(published);
            text.extend([first].into_iter().chain(rows).map(own));
        }
    }
    text
}

fn seed(row: &Published) -> String {
    let Published { users, per_second, p50_ms, p99_ms, memory_mb, .. } = row;
    // What it published as its overhead is the p50 less the 60 ms that the upstream was to wait.
    let added = p50_ms - 60.0;
    format!(
        "| {users} | seed, published (8 cores) | {per_second} | {p50_ms} | {p99_ms} | {added:.1} \
         over 60 | | | {memory_mb} | |\n"
    )
}

fn own(row: &Row) -> String {
    let columns = [
        ("per_second", 1.0),
        ("p50_us", 1e3),
        ("p99_us", 1e3),
        ("added_p50_us", 1e3),
        ("added_p99_us", 1e3),
        ("core_percent", 1.0),
        ("rss_mb", 1.0),
    ];
    let cells = columns.map(|(name, scale)| {
        let found = row.figures.get(name);
        found.map_or(String::new(), |spread| number(spread.median / scale))
    });
    let noisy = if row.foreign > NOISE { " noisy" } else { "" };
    format!("| | {} (1 core) | {} | {:.0}{noisy} |\n", row.system, cells.join(" | "), row.foreign)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::Spread;

    #[test]
    fn each_row_stands_beside_the_published_one_of_as_many_users() {
        let spread = |value| Spread { median: value, least: value, most: value };
        let figures = [("per_second", 16_000.0), ("p50_us", 62_500.0), ("added_p50_us", 500.0)];
        let figures = figures.map(|(name, value)| (name.to_owned(), spread(value)));
        let row = Row {
            scenario: "users-1000".to_owned(),
            system: "gateway".to_owned(),
            foreign: 1.0,
            figures: BTreeMap::from(figures),
        };
        let word = String::new;
        let report =
            Report { revision: word(), date: word(), machine: word(), rounds: 1, rows: vec![row] };
        let text = table(&report);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("| 1000 | seed, published (8 cores) | 13925 | 68.1 | 111.9"));
        assert!(lines[1].starts_with("| | gateway (1 core) | 16000 | 62.5 |  | 0.50 |"), "{text}");
    }
}
