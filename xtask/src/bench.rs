//! `cargo xtask bench`: builds the gateway and the bench as they are shipped, and runs the bench.

use std::{path::PathBuf, process::Command};

use crate::steps::{cargo, run_command, target};

/// Both programs that are held to something in every run of the tests: the gateway, and the one that
/// instructions are counted of, which draws no charts. Together, so that what they need is built once;
/// it has two features besides, of libraries, that the gateway has no use for.
const TESTED: [&str; 10] = [
    "-p",
    "ferrogw",
    "-p",
    "xtask-bench",
    "--bin",
    "ferrogw",
    "--bin",
    "ferro-bench-path",
    "--no-default-features",
    "--features=ferrogw/default",
];

/// As it is shipped, but for what `cargo xtask dist` learns.
const SHIPPED: [&str; 2] = ["--profile", "dist"];

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    if arguments.contains(&"--instructions") {
        return count(arguments);
    }
    let (root, bench) = (crate::root(), ["-p", "xtask-bench"]);
    let is_plain = arguments.contains(&PLAIN);
    let gateway = if is_plain { untaught()? } else { crate::dist::build("ferrogw")? };
    run_command(cargo(&root).arg("build").args(SHIPPED).args(bench))?;
    let mut run = cargo(&root);
    run.args(["run", "--quiet"]).args(SHIPPED).args(bench).args(["--", "--gateway"]).arg(gateway);
    run_command(run.args(arguments.iter().filter(|argument| **argument != PLAIN)))
}

/// Measures the gateway without what `cargo xtask dist` learns: a build that takes half as long, for
/// who compares two of their own.
const PLAIN: &str = "--plain";

/// By itself, so that its dependencies have the features that it ships with.
fn untaught() -> Result<PathBuf, String> {
    run_command(cargo(&crate::root()).arg("build").args(SHIPPED).args(["-p", "ferrogw"]))?;
    Ok(crate::root().join(target()).join("dist/ferrogw"))
}

/// Builds what the tests hold to something.
pub(crate) fn build_tested() -> Result<(), String> {
    run_command(cargo(&crate::root()).arg("build").args(SHIPPED).args(TESTED))
}

/// Counts instructions. What counts is not what is counted, so it is built as it is for its tests.
fn count(arguments: &[&str]) -> Result<(), String> {
    build_tested()?;
    let root = crate::root();
    run_command(cargo(&root).args(["build", "--quiet", "--workspace", "--bin", "ferro-bench"]))?;
    let counts = root.join(target()).join("debug/ferro-bench");
    run_command(Command::new(counts).current_dir(&root).args(arguments))
}
