//! A run of the bench from its start to its files.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use ferro_bench::{
    machine::{self, Cores, raise_descriptors},
    report::{self, Report},
    rounds::{Outcome, Plan},
    scenario::{Scenario, Times},
    system::{Places, Process, free_address, pinned},
};

use crate::{budget, options::Options};

/// Runs the bench as it was asked to.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let scenarios = possible(options.scenarios()?, raise_descriptors());
    // What counts is measured against the unit that is committed.
    if options.commits || !options.is_quick && !options.is_seed_table {
        eprintln!("{}", budget::check_unit()?);
    }
    let cores = Cores::of_machine()?;
    cores.pin_load()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let outcome = runtime.block_on(measure(&options, &scenarios, cores))?;
    if outcome.runs.is_empty() {
        return Err(format!("nothing was measured:\n  {}", outcome.failed.join("\n  ")));
    }
    let date = machine::printed("date", &["+%Y-%m-%d"]);
    let report = Report::of(&outcome.runs, (revision(), date, machine::description()));
    conclude(&options, &scenarios, (&report, &outcome))
}

/// Those for which a proxy may have enough descriptors; the others are named.
fn possible(scenarios: Vec<&'static Scenario>, limit: u64) -> Vec<&'static Scenario> {
    let (possible, not): (Vec<&Scenario>, Vec<&Scenario>) =
        scenarios.into_iter().partition(|scenario| scenario.descriptors() <= limit);
    for scenario in not {
        eprintln!(
            "`{}` is left out: it takes {} descriptors, and the hard limit of RLIMIT_NOFILE is \
             {limit} here",
            scenario.name,
            scenario.descriptors()
        );
    }
    possible
}

async fn measure(
    options: &Options,
    scenarios: &[&Scenario],
    cores: Cores,
) -> Result<Outcome, String> {
    let binary = env::current_exe().map_err(|error| error.to_string())?;
    let beside = || binary.with_file_name("ferrogw");
    let gateway = options.gateway.clone().unwrap_or_else(beside);
    if !gateway.exists() {
        return Err(format!("{} is not built", gateway.display()));
    }
    let scratch = target(&binary).join("scratch");
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let address = match options.upstream {
        Some(address) => free(address)?,
        None => free_address()?,
    };
    let mut command = pinned(cores.load, &binary);
    command.args(["serve-upstream", &address.to_string()]);
    let upstream = Process::start(&mut command, &scratch.join("upstream.log"), address).await?;
    let plan = Plan {
        scenarios: scenarios.to_vec(),
        systems: options.systems()?,
        rounds: options.rounds,
        times: if options.is_quick { Times::QUICK } else { Times::FULL },
        places: Places { gateway, scratch, upstream: address, cores },
        upstream: upstream.pid(),
    };
    let (minutes, count) = (plan.estimate().as_secs_f64() / 60.0, plan.count());
    eprintln!("{count} runs, about {minutes:.1} minutes; the upstream is at {address}");
    Ok(plan.run(|line| eprintln!("{line}")).await)
}

/// An address that was asked for: whoever listens there already would be taken for the upstream.
fn free(address: SocketAddr) -> Result<SocketAddr, String> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(address),
        Err(error) => Err(format!("--upstream `{address}` cannot be listened on: {error}")),
    }
}

fn conclude(
    options: &Options,
    scenarios: &[&Scenario],
    (report, outcome): (&Report, &Outcome),
) -> Result<(), String> {
    let Report { revision, date, machine, rounds, .. } = report;
    println!("\n{machine}; {date}; {rounds} rounds; revision {revision}\n");
    write(options, scenarios, (report, outcome))?;
    if options.is_seed_table {
        println!("\n{}", report::seed_table(report));
        return complete(outcome);
    }
    println!("\n{}", report::table(report, scenarios));
    let (limits, missed) = report::limits(report);
    println!("{limits}\n{missed} limits missed\n");
    complete(outcome)?;
    match options.commits {
        true => commit(report),
        false => compare(report),
    }
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.json")
}

fn commit(report: &Report) -> Result<(), String> {
    let text = report.to_lines().map_err(|error| error.to_string())?;
    fs::write(baseline(), text).map_err(|e| format!("{}: {e}", baseline().display()))?;
    println!("written: {}", baseline().display());
    let noisy = report::noisy_gates(report);
    if !noisy.is_empty() {
        let rows = noisy.join(", ");
        println!("others used the machine meanwhile ({rows}): a quiet run is a better baseline");
    }
    Ok(())
}

fn compare(report: &Report) -> Result<(), String> {
    let Ok(text) = fs::read_to_string(baseline()) else { return Ok(()) };
    let committed: Report =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", baseline().display()))?;
    println!("{}", report::compare(report, &committed)?);
    Ok(())
}

/// Every run as JSON, and the charts.
fn write(
    options: &Options,
    scenarios: &[&Scenario],
    (report, outcome): (&Report, &Outcome),
) -> Result<(), String> {
    let binary = env::current_exe().map_err(|error| error.to_string())?;
    let table = if options.is_seed_table { "-seed-table" } else { "" };
    let name = format!("{}{table}", report.revision);
    let (path, charts) = (target(&binary).join(format!("{name}.json")), target(&binary).join(name));
    let whole =
        serde_json::json!({"report": report, "runs": outcome.runs, "failed": outcome.failed});
    fs::write(&path, whole.to_string()).map_err(|error| format!("{}: {error}", path.display()))?;
    let count = report::write_charts(report, scenarios, &charts)?;
    println!("{}\n{count} charts in {}", path.display(), charts.display());
    Ok(())
}

/// A run of which a part is missing does not pass for one that is whole.
fn complete(outcome: &Outcome) -> Result<(), String> {
    match outcome.failed[..] {
        [] => Ok(()),
        _ => Err(format!(
            "{} runs have no figures:\n  {}",
            outcome.failed.len(),
            outcome.failed.join("\n  ")
        )),
    }
}

/// The revision of the source, in a form that is the name of a file.
fn revision() -> String {
    let revision = machine::printed("git", &["describe", "--always", "--dirty"]);
    match revision.as_str() {
        "" => "unknown".to_owned(),
        _ => revision.replace('/', "-"),
    }
}

/// `target/bench`, beside the folder of the build.
fn target(binary: &Path) -> PathBuf {
    binary.ancestors().nth(2).unwrap_or(Path::new(".")).join("bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_not_started_where_somebody_listens_already() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = taken.local_addr().unwrap();
        let error = free(address).unwrap_err();
        assert!(error.contains(&format!("--upstream `{address}` cannot")), "{error}");
    }

    #[test]
    fn what_the_descriptors_are_too_few_for_is_left_out() {
        let all: Vec<_> = ferro_bench::scenario::SCENARIOS.iter().collect();
        let names = |limit| possible(all.clone(), limit).iter().map(|s| s.name).collect::<Vec<_>>();
        assert_eq!(names(20_000).len(), all.len());
        let few = names(1024);
        assert!(few.contains(&"small-200") && !few.contains(&"held-9000"), "{few:?}");
    }
}
