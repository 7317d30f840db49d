//! `cargo xtask bench`: builds the gateway and the bench as they are shipped, and runs the bench.

use crate::steps::{cargo, run_command};

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let root = crate::root();
    // Instructions are counted inside the bench's own binary.
    if !arguments.contains(&"--instructions") {
        // By itself, so that its dependencies have the features that it ships with.
        run_command(cargo(&root).args(["build", "--release", "-p", "ferrogw"]))?;
    }
    run_command(cargo(&root).args(["build", "--release", "-p", "xtask-bench"]))?;
    let bench = ["run", "--release", "--quiet", "-p", "xtask-bench", "--"];
    run_command(cargo(&root).args(bench).args(arguments))
}
