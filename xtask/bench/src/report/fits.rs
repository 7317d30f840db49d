//! What follows from several scenarios of one round: what a kilobyte of body costs, and whether a
//! request costs the same however many connections there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    rounds::Run,
    scenario::{BODIES, FLAT},
};

/// A line through points, and how far from it they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// Where it begins.
    pub(crate) base: f64,
    /// How it grows.
    pub(crate) slope: f64,
    /// The largest distance of a point from it, in percent of the point's value.
    pub(crate) residual: f64,
}

impl Line {
    /// The line whose distances in proportion to the values are least: a megabyte does not outvote a
    /// kilobyte. None for fewer than three points, through which any line would go.
    pub(crate) fn through(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 3 || points.iter().any(|(_, y)| *y <= 0.0) {
            return None;
        }
        let sum = |term: fn(f64, f64) -> f64| -> f64 {
            points.iter().map(|(x, y)| term(*x, *y) / (y * y)).sum()
        };
        let (weight, x, y) = (sum(|_, _| 1.0), sum(|x, _| x), sum(|_, y| y));
        let (xx, xy) = (sum(|x, _| x * x), sum(|x, y| x * y));
        let slope = (weight * xy - x * y) / (weight * xx - x * x);
        let base = (y - slope * x) / weight;
        let distances = points.iter().map(|(x, y)| ((base + slope * x) / y - 1.0).abs() * 100.0);
        let residual = distances.fold(0.0, f64::max);
        slope.is_finite().then_some(Self { base, slope, residual })
    }
}

/// Runs that were not run: a row for each round and system of which all that it takes was measured.
pub(crate) fn derived(runs: &[Run]) -> Vec<Run> {
    let places: BTreeSet<_> = runs.iter().map(|run| (run.round, run.system.as_str())).collect();
    let both = places.into_iter().flat_map(|place| [slope(runs, place), flatness(runs, place)]);
    both.flatten().collect()
}

type Place<'a> = (usize, &'a str);

fn slope(runs: &[Run], place: Place<'_>) -> Option<Run> {
    let points = BODIES.iter().map(|(name, size)| Some((*size, cost(runs, place, name)?)));
    let line = Line::through(&points.collect::<Option<Vec<_>>>()?)?;
    let figures =
        [("us_per_kb", line.slope), ("base_us", line.base), ("residual_percent", line.residual)];
    let names: Vec<_> = BODIES.iter().map(|(name, _)| *name).collect();
    Some(made(runs, place, ("body-slope", &names), &figures))
}

fn flatness(runs: &[Run], place: Place<'_>) -> Option<Run> {
    let costs = FLAT.iter().map(|name| cost(runs, place, name)).collect::<Option<Vec<_>>>()?;
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = costs.iter().copied().fold(0.0, f64::max);
    Some(made(runs, place, ("flat", FLAT), &[("flatness", most / least)]))
}

fn cost(runs: &[Run], (round, system): Place<'_>, scenario: &str) -> Option<f64> {
    let is_it = |run: &&Run| {
        (run.round, run.system.as_str(), run.scenario.as_str()) == (round, system, scenario)
    };
    runs.iter().find(is_it)?.figures.get("cpu_us").copied()
}

fn made(
    runs: &[Run],
    (round, system): Place<'_>,
    (scenario, from): (&str, &[&str]),
    figures: &[(&str, f64)],
) -> Run {
    let used = runs.iter().filter(|run| {
        run.round == round && run.system == system && from.contains(&run.scenario.as_str())
    });
    let figures = figures.iter().map(|(name, value)| ((*name).to_owned(), *value));
    Run {
        round,
        scenario: scenario.to_owned(),
        system: system.to_owned(),
        // As noisy as the noisiest of what it was made from.
        foreign: used.map(|run| run.foreign).fold(0.0, f64::max),
        figures: figures.collect::<BTreeMap<_, _>>(),
        samples: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(scenario: &str, cpu: f64) -> Run {
        Run {
            round: 0,
            scenario: scenario.to_owned(),
            system: "gateway".to_owned(),
            foreign: cpu,
            figures: BTreeMap::from([("cpu_us".to_owned(), cpu)]),
            samples: Vec::new(),
        }
    }

    #[test]
    fn a_line_is_found_and_what_is_not_on_it_is_its_residual() {
        let straight = [(1.0, 20.5), (10.0, 25.0), (100.0, 70.0), (1000.0, 520.0)];
        let line = Line::through(&straight).unwrap();
        assert!((line.slope - 0.5).abs() < 1e-9 && (line.base - 20.0).abs() < 1e-9, "{line:?}");
        assert!(line.residual < 1e-6, "{line:?}");
        let bent = [(1.0, 20.0), (10.0, 25.0), (100.0, 140.0), (1000.0, 520.0)];
        assert!(Line::through(&bent).unwrap().residual > 20.0);
        assert_eq!(Line::through(&straight[..2]), None);
        assert_eq!(Line::through(&[(1.0, 5.0), (1.0, 5.0), (1.0, 5.0)]), None);
    }

    #[test]
    fn what_a_kilobyte_costs_is_made_of_all_sizes_of_a_round_or_not_at_all() {
        let mut runs: Vec<_> =
            BODIES.iter().map(|(name, size)| run(name, 10.0 + 2.0 * size)).collect();
        let found = derived(&runs);
        assert_eq!(found.len(), 1);
        assert!((found[0].figures["us_per_kb"] - 2.0).abs() < 1e-9, "{found:?}");
        assert!((found[0].foreign - 2010.0).abs() < 1e-9, "{found:?}");
        runs.pop();
        assert!(derived(&runs).is_empty());
    }

    #[test]
    fn flatness_is_the_dearest_over_the_cheapest() {
        let mut runs: Vec<_> =
            FLAT.iter().zip([10.0, 8.0, 9.0, 11.0, 12.0]).map(|(name, c)| run(name, c)).collect();
        assert!((derived(&runs)[0].figures["flatness"] - 1.5).abs() < 1e-9);
        runs.remove(0);
        assert!(derived(&runs).is_empty());
    }
}
