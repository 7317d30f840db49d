//! `cargo xtask test`: everything that has to hold, step by step, with one total at the end.
#![expect(clippy::disallowed_types, reason = "there is no runtime here whose clock could be moved")]

mod checks;
mod deny;
mod features;
mod out_of_tree;
mod process;
mod scaffolds;
mod tally;
mod tests_of_crates;

use std::time::{Duration, Instant};

pub(crate) use process::{cargo, output, run as run_command, target, tool};
pub(crate) use tally::Tally;

/// A step of `cargo xtask test`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    does: &'static str,
    run: fn(&mut Tally),
}

/// The steps, in the order in which they run: what fails fast comes first.
static STEPS: &[Step] = &[
    Step { name: "tidy", does: "what the compiler cannot check", run: checks::tidy },
    Step { name: "lock", does: "the lock file fits the manifests", run: checks::lock },
    Step { name: "fmt", does: "the format", run: checks::format },
    Step { name: "clippy", does: "the lints, on every target", run: checks::clippy },
    Step { name: "doc", does: "the documentation's links", run: checks::documentation },
    Step { name: "deny", does: "licences, sources, owners of dependencies", run: deny::check },
    Step { name: "codegen", does: "the list of the vendors is up to date", run: checks::codegen },
    Step { name: "sdks", does: "the official libraries of clients and vendors", run: checks::sdks },
    Step {
        name: "shipped",
        does: "the binary as it is shipped",
        run: tests_of_crates::build_shipped,
    },
    Step {
        name: "tests",
        does: "the tests of every crate, and of the shipped binary",
        run: tests_of_crates::check,
    },
    Step {
        name: "budget",
        does: "what a request takes in instructions and allocations",
        run: checks::budget,
    },
    Step { name: "features", does: "slim builds, and each feature alone", run: features::check },
    Step { name: "new", does: "a new provider and a new plugin", run: scaffolds::check },
    Step { name: "out-of-tree", does: "third parties' programs", run: out_of_tree::check },
];

/// Runs the steps that were asked for, or all of them.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    drive(&Options::parse(arguments)?, |_| {})
}

/// Like [`run`], and prints how long each step took.
pub(crate) fn run_timed(arguments: &[&str]) -> Result<(), String> {
    drive(&Options::parse(arguments)?, |times| {
        for (name, time) in times {
            println!("{name:<14}{:>8.1} s", time.as_secs_f64());
        }
        let all: Duration = times.iter().map(|(_, time)| *time).sum();
        println!("{:<14}{:>8.1} s", "in all", all.as_secs_f64());
    })
}

/// The steps with what they do, for the usage.
pub(crate) fn listing() -> String {
    let lines = STEPS.iter().map(|step| format!("\n  {:<14}{}", step.name, step.does));
    lines.collect::<Vec<_>>().concat()
}

/// How long each step took.
type Times = [(&'static str, Duration)];

fn drive(options: &Options, report: impl FnOnce(&Times)) -> Result<(), String> {
    let mut tally = Tally::new(options.is_long);
    let mut times = Vec::new();
    for step in &options.steps {
        println!("\n==> {}: {}", step.name, step.does);
        let begun = Instant::now();
        (step.run)(&mut tally);
        times.push((step.name, begun.elapsed()));
    }
    println!();
    report(&times);
    tally.close()
}

struct Options {
    is_long: bool,
    steps: Vec<&'static Step>,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self { is_long: false, steps: STEPS.iter().collect() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--long" => options.is_long = true,
                "--only" => {
                    let names = rest.next().ok_or("--only needs the names of steps")?;
                    options.steps = names.split(',').map(step).collect::<Result<_, _>>()?;
                }
                other => return Err(format!("`{other}` is not known: [--long] [--only STEP,…]")),
            }
        }
        Ok(options)
    }
}

fn step(name: &str) -> Result<&'static Step, String> {
    let found = STEPS.iter().find(|step| step.name == name);
    found.ok_or_else(|| format!("there is no step `{name}`; the steps are{}", listing()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name() {
        let options = Options::parse(&["--only", "fmt,tidy", "--long"]).unwrap();
        let names: Vec<_> = options.steps.iter().map(|step| step.name).collect();
        assert_eq!((names, options.is_long), (vec!["fmt", "tidy"], true));
        assert_eq!(Options::parse(&[]).unwrap().steps.len(), STEPS.len());
        let error = Options::parse(&["--only", "cook"]).err().unwrap();
        assert!(error.contains("no step `cook`") && error.contains("clippy"), "{error}");
    }
}
