//! Medians and spreads over the rounds, with each round's comparisons made inside that round.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fits::derived;
use crate::{
    percentile::{ASKED, percentile},
    rounds::Run,
    system::{Setup, System},
};

/// Strangers' share of the machine, in percent, above which a row is marked as noisy.
pub const NOISE: f64 = 5.0;

/// Everything that a run of the bench showed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The revision of the source.
    pub revision: String,
    /// The day.
    pub date: String,
    /// The machine.
    pub machine: String,
    /// How many rounds.
    pub rounds: usize,
    /// What was measured.
    pub rows: Vec<Row>,
}

/// One system in one scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The scenario's name.
    pub scenario: String,
    /// The system's name.
    pub system: String,
    /// The median of the strangers' share, in percent.
    pub foreign: f64,
    /// Each figure over the rounds, and what follows from it and others' of the same round.
    pub figures: BTreeMap<String, Spread>,
}

/// A figure over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of some values, to three decimals; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => f64::midpoint(values[middle - 1], values[middle]),
            _ => values[middle],
        };
        let [median, least, most] = [median, least, most].map(|value| (value * 1e3).round() / 1e3);
        Some(Self { median, least, most })
    }
}

/// A figure that is compared with the same of another system in the same round.
struct Comparison {
    name: &'static str,
    figure: &'static str,
    with: &'static str,
    how: fn(f64, f64) -> f64,
}

fn ratio(own: f64, other: f64) -> f64 {
    own / other
}

fn difference(own: f64, other: f64) -> f64 {
    own - other
}

static COMPARISONS: &[Comparison] = &[
    Comparison { name: "ratio", figure: "cpu_us", with: "nothing", how: ratio },
    Comparison { name: "slope_ratio", figure: "us_per_kb", with: "nothing", how: ratio },
    Comparison { name: "memory_ratio", figure: "each_kb", with: "nothing", how: ratio },
    Comparison { name: "share_of_direct", figure: "per_second", with: "direct", how: ratio },
    Comparison { name: "added_p50_us", figure: "p50_us", with: "direct", how: difference },
    Comparison { name: "added_p99_us", figure: "p99_us", with: "direct", how: difference },
    Comparison { name: "added_p999_us", figure: "p999_us", with: "direct", how: difference },
];

/// The rows of the runs, in the order in which they first came.
pub(crate) fn rows(runs: &[Run]) -> Vec<Row> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    for run in runs.iter().filter(|run| run.round == 0).chain(runs) {
        let key = (run.scenario.as_str(), run.system.as_str());
        if !order.contains(&key) {
            order.push(key);
        }
    }
    order.into_iter().map(|(scenario, system)| row(runs, scenario, system)).collect()
}

fn row(runs: &[Run], scenario: &str, system: &str) -> Row {
    let own: Vec<_> =
        runs.iter().filter(|run| run.scenario == scenario && run.system == system).collect();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for run in &own {
        for (name, value) in &run.figures {
            values.entry(name.clone()).or_default().push(*value);
        }
        for comparison in COMPARISONS.iter().filter(|c| c.with != system) {
            let other = runs.iter().find(|other| {
                (other.round, other.system.as_str()) == (run.round, comparison.with)
                    && other.scenario == scenario
            });
            let other = other.and_then(|other| other.figures.get(comparison.figure));
            if let (Some(own), Some(other)) = (run.figures.get(comparison.figure), other) {
                let value = (comparison.how)(*own, *other);
                values.entry(comparison.name.to_owned()).or_default().push(value);
            }
        }
    }
    pool(runs, &own, &mut values);
    let spreads = values.into_iter();
    let figures = spreads.filter_map(|(name, values)| Some((name, Spread::of(values)?))).collect();
    let foreign = Spread::of(own.iter().map(|run| run.foreign).collect());
    Row {
        scenario: scenario.to_owned(),
        system: system.to_owned(),
        foreign: foreign.map_or(0.0, |foreign| foreign.median),
        figures,
    }
}

/// Percentiles that some round was too short for are taken over all rounds instead.
fn pool(runs: &[Run], own: &[&Run], values: &mut BTreeMap<String, Vec<f64>>) {
    let Some(first) = own.first() else { return };
    let direct: Vec<_> = runs
        .iter()
        .filter(|run| run.scenario == first.scenario && run.system == "direct")
        .collect();
    let of = |runs: &[&Run], mille| {
        let mut all: Vec<u32> = runs.iter().flat_map(|run| &run.samples).copied().collect();
        all.sort_unstable();
        percentile(&all, mille)
    };
    for (name, mille) in ASKED {
        if values.get(*name).map_or(0, Vec::len) == own.len() {
            continue;
        }
        let Some(time) = of(own, *mille) else { continue };
        values.insert((*name).to_owned(), vec![time]);
        if let Some(other) = of(&direct, *mille).filter(|_| first.system != "direct") {
            values.insert(format!("added_{name}"), vec![time - other]);
        }
    }
}

impl Report {
    /// A row.
    pub fn row(&self, scenario: &str, system: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.scenario == scenario && row.system == system)
    }

    /// The row of the gateway as a scenario has it: as usual, unless it is about another setup.
    pub fn gateway(&self, scenario: &str) -> Option<&Row> {
        let others = || self.row(scenario, System::Gateway(Setup::Converting).name());
        self.row(scenario, System::Gateway(Setup::Usual).name()).or_else(others)
    }

    /// How noisy a row is, in percent, and those that its ratios and differences are made with.
    pub fn noise(&self, scenario: &str, system: &str) -> f64 {
        let rows = [system, "nothing", "direct"].map(|system| self.row(scenario, system));
        rows.into_iter().flatten().map(|row| row.foreign).fold(0.0, f64::max)
    }

    /// A figure of a row.
    pub fn figure(&self, scenario: &str, system: &str, name: &str) -> Option<Spread> {
        self.row(scenario, system)?.figures.get(name).copied()
    }

    /// As JSON with a line for each row, so that a change of it can be read.
    pub fn to_lines(&self) -> serde_json::Result<String> {
        let mut head = serde_json::to_value(Self { rows: Vec::new(), ..self.clone() })?;
        if let Some(head) = head.as_object_mut() {
            head.remove("rows");
        }
        let rows: Result<Vec<_>, _> = self.rows.iter().map(serde_json::to_string).collect();
        let head = serde_json::to_string(&head)?;
        let head = head.trim_end_matches('}');
        Ok(format!("{head},\"rows\":[\n{}\n]}}\n", rows?.join(",\n")))
    }

    /// What some runs amount to.
    pub fn of(runs: &[Run], (revision, date, machine): (String, String, String)) -> Self {
        let rounds = runs.iter().map(|run| run.round + 1).max().unwrap_or(0);
        let all: Vec<_> = runs.iter().cloned().chain(derived(runs)).collect();
        Self { revision, date, machine, rounds, rows: rows(&all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_made_inside_its_round() {
        let run = |round, system: &str, cpu: f64| Run {
            round,
            scenario: "small".to_owned(),
            system: system.to_owned(),
            foreign: 1.0,
            figures: BTreeMap::from([("cpu_us".to_owned(), cpu)]),
            samples: Vec::new(),
        };
        let runs = [
            run(0, "nothing", 10.0),
            run(0, "gateway", 12.0),
            run(1, "gateway", 60.0),
            run(1, "nothing", 40.0),
        ];
        let report = Report::of(&runs, Default::default());
        let ratio = report.figure("small", "gateway", "ratio").unwrap();
        assert_eq!((ratio.least, ratio.median, ratio.most), (1.2, 1.35, 1.5));
        assert_eq!(report.figure("small", "nothing", "ratio"), None);
        assert_eq!(report.rounds, 2);
        let read: Report = serde_json::from_str(&report.to_lines().unwrap()).unwrap();
        assert_eq!(read.figure("small", "gateway", "ratio"), Some(ratio));
    }

    #[test]
    fn a_percentile_that_a_round_is_too_short_for_is_taken_over_all_rounds() {
        let run = |round, system: &str, samples: std::ops::Range<u32>| Run {
            round,
            scenario: "rate".to_owned(),
            system: system.to_owned(),
            foreign: 0.0,
            figures: BTreeMap::from([("p50_us".to_owned(), 1.0)]),
            samples: samples.collect(),
        };
        let runs = [
            run(0, "direct", 0..300),
            run(0, "gateway", 1000..1300),
            run(1, "direct", 300..600),
            run(1, "gateway", 1300..1600),
        ];
        let report = Report::of(&runs, Default::default());
        let figure = |name| report.figure("rate", "gateway", name).map(|spread| spread.median);
        assert_eq!(figure("p99_us"), Some(1593.0));
        assert_eq!(figure("added_p99_us"), Some(1000.0));
        assert_eq!(figure("p999_us"), None);
        assert_eq!(figure("p50_us"), Some(1.0));
    }
}
