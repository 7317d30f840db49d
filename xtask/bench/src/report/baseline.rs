//! The comparison with the committed run: small rows may not grow by more than a tenth.

use super::{NOISE, Report};

/// What a ratio may grow by.
const SLACK: f64 = 1.10;
/// The rows that are held to it. Large bodies have two modes on virtual machines, and are not.
const GATED: &[&str] = &["small-50", "small-200", "small-1000"];

/// Each ratio beside the committed one; an error that names those that grew too much.
pub fn compare(now: &Report, committed: &Report) -> Result<String, String> {
    let mut lines = vec![format!("against {} of {}:", committed.revision, committed.date)];
    let mut grown = Vec::new();
    for row in now.rows.iter().filter(|row| row.system == "gateway") {
        let Some(own) = row.figures.get("ratio") else { continue };
        let Some(then) = committed.figure(&row.scenario, "gateway", "ratio") else { continue };
        let change = own.median / then.median;
        let percent = (change - 1.0) * 100.0;
        let (scenario, own, then) = (&row.scenario, own.median, then.median);
        let noise = noise_of(now, scenario);
        lines.push(format!("  {scenario:<14} {own:.2} was {then:.2} ({percent:+.0} %){noise}"));
        if change > SLACK && GATED.contains(&row.scenario.as_str()) {
            grown.push(row.scenario.as_str());
        }
    }
    match grown[..] {
        [] => Ok(lines.join("\n")),
        _ => Err(format!(
            "{}\nmore than a tenth over the committed ratio: {}",
            lines.join("\n"),
            grown.join(", ")
        )),
    }
}

/// The gated rows that were measured in too much company to be committed with confidence.
pub fn noisy_gates(report: &Report) -> Vec<&'static str> {
    GATED.iter().copied().filter(|name| report.noise(name, "gateway") > NOISE).collect()
}

fn noise_of(report: &Report, scenario: &str) -> &'static str {
    if report.noise(scenario, "gateway") > NOISE { ", noisy" } else { "" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::{Row, Spread};

    fn report(scenario: &str, ratio: f64) -> Report {
        let spread = Spread { median: ratio, least: ratio, most: ratio };
        let row = Row {
            scenario: scenario.to_owned(),
            system: "gateway".to_owned(),
            foreign: 0.0,
            figures: BTreeMap::from([("ratio".to_owned(), spread)]),
        };
        let word = String::new;
        Report { revision: word(), date: word(), machine: word(), rounds: 5, rows: vec![row] }
    }

    #[test]
    fn a_small_row_that_grows_by_more_than_a_tenth_is_refused() {
        let committed = report("small-50", 1.2);
        assert!(compare(&report("small-50", 1.31), &committed).is_ok());
        let error = compare(&report("small-50", 1.33), &committed).unwrap_err();
        assert!(error.contains("small-50"), "{error}");
        assert!(compare(&report("body-1m", 9.0), &report("body-1m", 1.0)).is_ok());
    }

    #[test]
    fn a_gated_row_is_as_noisy_as_what_it_is_compared_with() {
        let mut report = report("small-50", 1.2);
        assert!(noisy_gates(&report).is_empty());
        let nothing = Row { system: "nothing".to_owned(), foreign: 40.0, ..report.rows[0].clone() };
        report.rows.push(nothing);
        assert_eq!(noisy_gates(&report), ["small-50"]);
    }
}
