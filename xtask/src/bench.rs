//! `cargo xtask bench`: builds the gateway and the bench as they are shipped, and runs the bench.

use crate::steps::{cargo, run_command};

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let root = crate::root();
    // By itself, so that its dependencies have the features that it ships with.
    run_command(cargo(&root).args(["build", "--release", "-p", "ferrogw"]))?;
    run_command(cargo(&root).args(["build", "--release", "-p", "ferro-bench"]))?;
    let bench = ["run", "--release", "--quiet", "-p", "ferro-bench", "--"];
    run_command(cargo(&root).args(bench).args(arguments))
}
