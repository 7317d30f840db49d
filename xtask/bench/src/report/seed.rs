//! The five rows that the gateway's predecessor published, beside the same load here.

use super::{Report, Row, table::number};

/// Users; requests a second, p50 and p99 in milliseconds, and memory in megabytes where they were
/// published: on eight cores of another machine, with the upstream's 60 ms in the times.
type Published = (&'static str, u32, [Option<f64>; 4]);

static SEED: &[Published] = &[
    ("users-50", 50, [Some(813.0), Some(61.3), None, Some(36.0)]),
    ("users-150", 150, [Some(2447.0), None, None, None]),
    ("users-300", 300, [Some(4890.0), Some(61.2), Some(64.6), None]),
    ("users-500", 500, [Some(8014.0), None, None, None]),
    ("users-1000", 1000, [Some(13_925.0), Some(68.1), Some(111.9), Some(135.0)]),
];

/// Each row; the direct run's times are subtracted in the columns that say "added".
pub fn table(report: &Report) -> String {
    let head = "| users | system | requests/s | p50 ms | p99 ms | added p50 ms | added p99 ms | \
                core % | RSS MB |\n|---|---|---|---|---|---|---|---|---|\n";
    let mut text = String::from(head);
    for published in SEED {
        text += &seed(published);
        let rows = report.rows.iter().filter(|row| row.scenario == published.0);
        text.extend(rows.map(own));
    }
    text
}

fn seed((_, users, published): &Published) -> String {
    let [rate, p50, p99, memory] =
        published.map(|value| value.map_or("–".to_owned(), |value| value.to_string()));
    format!("| {users} | seed, published (8 cores) | {rate} | {p50} | {p99} | | | | {memory} |\n")
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
    format!("| | {} (1 core) | {} |\n", row.system, cells.join(" | "))
}
