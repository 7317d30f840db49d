//! The command line of the bench, and a run from its start to its files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use ferro_bench::{
    machine::{self, Cores},
    report::{self, Report},
    rounds::{Plan, Run},
    scenario::{SCENARIOS, SEED_TABLE, Scenario, Times},
    system::{Peer, Places, Process, Setup, System, free_address, pinned},
};
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::budget;

/// What may be typed.
const USAGE: &str = "bench [--quick] [--seed-table] [--rounds N] [--only SCENARIO[,…]] \
                     [--systems NAME[,…]] [--peer name=http://host:port,pid=…[,header=…]] \
                     [--commit-baseline], or bench --instructions [--commit]";

struct Options {
    is_quick: bool,
    is_seed_table: bool,
    commits: bool,
    rounds: usize,
    only: Option<Vec<String>>,
    systems: Option<Vec<String>>,
    peers: Vec<Peer>,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            is_quick: false,
            is_seed_table: false,
            commits: false,
            rounds: 0,
            only: None,
            systems: None,
            peers: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            let list = |text: &str| Some(text.split(',').map(str::to_owned).collect());
            match *argument {
                "--quick" => options.is_quick = true,
                "--seed-table" => options.is_seed_table = true,
                "--commit-baseline" => options.commits = true,
                "--rounds" => options.rounds = value()?.parse().map_err(|_| USAGE)?,
                "--only" => options.only = list(value()?),
                "--systems" => options.systems = list(value()?),
                "--peer" => options.peers.push(value()?.parse()?),
                other => return Err(format!("`{other}` is not known: {USAGE}")),
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.is_quick { 3 } else { 5 };
        }
        Ok(options)
    }

    fn scenarios(&self) -> Result<Vec<&'static Scenario>, String> {
        let all = if self.is_seed_table { SEED_TABLE } else { SCENARIOS };
        let Some(names) = &self.only else {
            return Ok(all.iter().filter(|s| s.is_quick || !self.is_quick).collect());
        };
        let find = |name: &String| {
            let known = || all.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
            let found = all.iter().find(|scenario| scenario.name == name);
            found.ok_or_else(|| format!("there is no scenario `{name}`; there are {}", known()))
        };
        names.iter().map(find).collect()
    }

    fn systems(&self) -> Vec<System> {
        let mut systems = System::all();
        systems.push(System::Gateway(Setup::DeadFirst));
        if self.is_quick {
            // The pair that is gated, and the upstream itself, whose times are subtracted.
            systems.retain(|system| match system {
                System::Direct | System::Nothing => true,
                System::Gateway(setup) => *setup != Setup::Bare,
                _ => false,
            });
        }
        if let Some(names) = &self.systems {
            systems.retain(|system| names.iter().any(|name| name == system.name()));
        }
        systems.extend(self.peers.iter().cloned().map(System::Peer));
        systems
    }
}

/// Runs the bench as it was asked to.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let scenarios = options.scenarios()?;
    if !options.is_quick && !options.is_seed_table {
        eprintln!("{}", budget::check_unit()?);
    }
    raise_descriptors();
    let cores = Cores::of_machine()?;
    cores.pin_load()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let runs = runtime.block_on(measure(&options, &scenarios, cores))?;
    if runs.is_empty() {
        return Err("nothing was measured".to_owned());
    }
    let revision = machine::printed("git", &["describe", "--always", "--dirty"]);
    let date = machine::printed("date", &["+%Y-%m-%d"]);
    let report = Report::of(&runs, (revision, date, machine::description()));
    conclude(&options, &scenarios, (&report, &runs))
}

async fn measure(
    options: &Options,
    scenarios: &[&Scenario],
    cores: Cores,
) -> Result<Vec<Run>, String> {
    let binary = env::current_exe().map_err(|error| error.to_string())?;
    let gateway = binary.with_file_name("ferrogw");
    if !gateway.exists() {
        return Err(format!("{} is not built", gateway.display()));
    }
    let scratch = target(&binary).join("scratch");
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let address = free_address()?;
    let mut command = pinned(cores.load, &binary);
    command.args(["serve-upstream", &address.to_string()]);
    let upstream = Process::start(&mut command, &scratch.join("upstream.log"), address).await?;
    let plan = Plan {
        scenarios: scenarios.to_vec(),
        systems: options.systems(),
        rounds: options.rounds,
        times: if options.is_quick { Times::QUICK } else { Times::FULL },
        places: Places { gateway, scratch, upstream: address, cores },
        upstream: upstream.pid(),
    };
    Ok(plan.run(|line| eprintln!("{line}")).await)
}

fn conclude(
    options: &Options,
    scenarios: &[&Scenario],
    (report, runs): (&Report, &[Run]),
) -> Result<(), String> {
    let Report { revision, date, machine, rounds, .. } = report;
    println!("\n{machine}; {date}; {rounds} rounds; revision {revision}\n");
    if options.is_seed_table {
        println!("{}", report::seed_table(report));
        return Ok(());
    }
    println!("{}", report::table(report, scenarios));
    let (limits, missed) = report::limits(report);
    println!("{limits}\n{missed} limits missed\n");
    let binary = env::current_exe().map_err(|error| error.to_string())?;
    let folder = target(&binary);
    let path = folder.join(format!("{revision}.json"));
    let whole = serde_json::json!({"report": report, "runs": runs});
    fs::write(&path, whole.to_string()).map_err(|error| format!("{}: {error}", path.display()))?;
    let charts = folder.join(revision);
    let count = report::write_charts(report, scenarios, &charts)?;
    println!("{}\n{count} charts in {}", path.display(), charts.display());
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.json");
    if options.commits {
        let text = report.to_lines().map_err(|error| error.to_string())?;
        return fs::write(&committed, text).map_err(|error| error.to_string());
    }
    let Ok(text) = fs::read_to_string(&committed) else { return Ok(()) };
    let committed: Report = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    println!("\n{}", report::compare(report, &committed)?);
    Ok(())
}

/// `target/bench`, beside the folder of the build.
fn target(binary: &Path) -> PathBuf {
    binary.ancestors().nth(2).unwrap_or(Path::new(".")).join("bench")
}

/// A held stream takes two descriptors in a proxy: as many as the system gives.
fn raise_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where it is refused, the run that needs them fails by name.
    setrlimit(Resource::Nofile, limit).unwrap_or_default();
}
