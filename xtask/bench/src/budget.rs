//! `--instructions`: what a request takes in instructions and allocations, held to a committed
//! budget.
//!
//! Instructions are counted by valgrind, allocations by a counting allocator, both over
//! `ferro-bench-path`. Each figure is the difference between many requests and few, so that the
//! start cancels, less the same without anything between the driver and the upstream.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

/// What a figure may grow by.
const SLACK: f64 = 1.03;
/// Now and then a request grows a buffer: so much of an allocation is nobody's.
const STRAY: f64 = 0.05;
/// Requests of the two runs whose difference counts.
const FEW: u32 = 100;
const MANY: u32 = 400;
/// The same of plans. Fifty targets are made before, which takes a little more or less each time.
const MANY_PLANS: u32 = 10_000;
/// Events of a stream; figures of streams are per event.
const EVENTS: f64 = 64.0;

/// A figure: the system, the load, and how many units a request has.
static FIGURES: &[(&str, &str, f64)] = &[
    ("gateway", "whole", 1.0),
    ("gateway", "body", 1.0),
    ("gateway", "stream", EVENTS),
    ("gateway", "burst", EVENTS),
    ("nothing", "whole", 1.0),
    ("nothing", "stream", EVENTS),
    (PLAN, "single", 1.0),
    (PLAN, "fallback", 1.0),
    (PLAN, "loadbalance", 1.0),
    (PLAN, "conditional", 1.0),
    (PLAN, "least-latency", 1.0),
    (PLAN, "cost-optimized", 1.0),
    (PLAN, "content-based", 1.0),
    (PLAN, "ab-test", 1.0),
];

/// The selection of a target among fifty, by the strategy: nothing is sent, so nothing is taken off.
const PLAN: &str = "plan-50";

/// What one request, or one event of a stream, takes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Cost {
    instructions: f64,
    allocations: f64,
}

type Budget = BTreeMap<String, Cost>;

/// Counts, and compares with the committed budget, or commits what was counted.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let commits = match arguments {
        [] => false,
        ["--commit"] => true,
        [other, ..] => return Err(format!("`{other}` is not known: --instructions [--commit]")),
    };
    install()?;
    let counted = count()?;
    if commits {
        let text = serde_json::to_string_pretty(&counted).map_err(said)?;
        return fs::write(path(), text + "\n").map_err(said);
    }
    let over = compare(&counted, &committed()?);
    match over[..] {
        [] => Ok(()),
        _ => Err(format!(
            "over the budget:\n  {}\nif that is what it has to cost, say why in the commit and run \
             `cargo xtask bench --instructions --commit`",
            over.join("\n  ")
        )),
    }
}

/// Whether the proxy that does nothing still takes what the committed budget says: a slower one
/// would flatter everything that is measured against it. Said, not checked, without valgrind.
pub(crate) fn check_unit() -> Result<String, String> {
    const NAME: &str = "nothing/whole";
    if !is_installed() {
        return Ok("valgrind is not installed: the proxy that does nothing is not checked".into());
    }
    let Some(committed) = committed()?.get(NAME).copied() else {
        return Err(format!("the budget has no `{NAME}`"));
    };
    let all = per_request("nothing", "whole")?.instructions;
    let own = all - per_request("direct", "whole")?.instructions;
    let change = own / committed.instructions;
    match (1.0 / SLACK..=SLACK).contains(&change) {
        true => Ok(format!("the proxy that does nothing takes {own:.0} instructions a request")),
        false => Err(format!(
            "the proxy that does nothing takes {own:.0} instructions a request, not {} as committed: \
             ratios to it would not compare",
            committed.instructions
        )),
    }
}

fn committed() -> Result<Budget, String> {
    let path = path();
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(said)
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("budget.json")
}

fn count() -> Result<Budget, String> {
    let mut budget = Budget::new();
    let mut known: BTreeMap<(&str, &str), Cost> = BTreeMap::new();
    for (system, load, units) in FIGURES {
        let mut cost = |system| -> Result<Cost, String> {
            if let Some(cost) = known.get(&(system, *load)) {
                return Ok(*cost);
            }
            let cost = per_request(system, load)?;
            known.insert((system, load), cost);
            Ok(cost)
        };
        let nothing = Cost { instructions: 0.0, allocations: 0.0 };
        let direct = if *system == PLAN { nothing } else { cost("direct")? };
        let all = cost(system)?;
        let own = Cost {
            instructions: ((all.instructions - direct.instructions) / units).round(),
            allocations: ((all.allocations - direct.allocations) / units * 100.0).round() / 100.0,
        };
        println!(
            "{system:<8} {load:<14} {:>9.0} instructions, {:>7.2} allocations",
            own.instructions, own.allocations
        );
        budget.insert(format!("{system}/{load}"), own);
    }
    Ok(budget)
}

fn per_request(system: &str, load: &str) -> Result<Cost, String> {
    let many = if system == PLAN { MANY_PLANS } else { MANY };
    let each = |few: f64, of_many: f64| (of_many - few) / f64::from(many - FEW);
    let instructions = each(instructions(system, load, FEW)?, instructions(system, load, many)?);
    let allocations = each(allocations(system, load, FEW)?, allocations(system, load, many)?);
    Ok(Cost { instructions, allocations })
}

fn allocations(system: &str, load: &str, count: u32) -> Result<f64, String> {
    let text = printed(Command::new(binary()?).args([system, load, &count.to_string()]))?;
    text.trim().parse().map_err(said)
}

fn instructions(system: &str, load: &str, count: u32) -> Result<f64, String> {
    let binary = binary()?;
    let out = binary.with_file_name(format!("callgrind-{system}-{load}-{count}"));
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(&binary).args([system, load, &count.to_string()]);
    printed(&mut command)?;
    let text = fs::read_to_string(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    // What was counted is in the file's last words; the file itself is large.
    drop(fs::remove_file(&out));
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    total.and_then(|total| total.trim().parse().ok()).ok_or("callgrind printed no total".to_owned())
}

/// What is over the budget, and by how much.
fn compare(counted: &Budget, budget: &Budget) -> Vec<String> {
    let mut over = Vec::new();
    for (name, own) in counted {
        let Some(limit) = budget.get(name) else {
            over.push(format!("{name} is not in the budget"));
            continue;
        };
        let pairs = [
            ("instructions", own.instructions, limit.instructions, 0.0),
            ("allocations", own.allocations, limit.allocations, STRAY),
        ];
        for (what, own, limit, stray) in pairs {
            if own > limit * SLACK + stray {
                over.push(format!("{name}: {own} {what}, budget {limit}"));
            }
        }
    }
    over
}

/// What is counted is built as it is shipped, however this is built that counts.
fn binary() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(said)?;
    let target =
        own.ancestors().nth(2).ok_or("a program lies two folders below the target folder")?;
    Ok(target.join("dist/ferro-bench-path"))
}

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// Valgrind, from the system's packages if it is not there.
fn install() -> Result<(), String> {
    if is_installed() {
        return Ok(());
    }
    let installed = printed(Command::new("apt-get").args(["install", "-y", "valgrind"]));
    match is_installed() {
        true => Ok(()),
        false => Err(format!("valgrind is needed, and cannot be installed: {installed:?}")),
    }
}

fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_beyond_the_slack_is_named() {
        let cost = |instructions, allocations| Cost { instructions, allocations };
        let budget = Budget::from([("gateway/whole".to_owned(), cost(1000.0, 10.0))]);
        let counted = |cost| Budget::from([("gateway/whole".to_owned(), cost)]);
        assert!(compare(&counted(cost(1030.0, 10.0)), &budget).is_empty());
        let nothing = Budget::from([("gateway/whole".to_owned(), cost(1000.0, 0.0))]);
        assert!(compare(&counted(cost(1000.0, 0.05)), &nothing).is_empty());
        assert_eq!(compare(&counted(cost(1000.0, 0.06)), &nothing).len(), 1);
        let over = compare(&counted(cost(1031.0, 11.0)), &budget);
        assert_eq!(over.len(), 2, "{over:?}");
        assert_eq!(compare(&counted(cost(1.0, 1.0)), &Budget::new()).len(), 1);
    }
}
