//! `cargo xtask bench`: builds the gateway and the bench as they are shipped, and runs the bench.

use crate::steps::{cargo, run_command};

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let root = crate::root();
    let bench = ["-p", "xtask-bench"];
    let shipped = ["--profile", "dist"];
    // What counts is not what is counted: it is built quickly, because every run of the tests builds it.
    let counts = arguments.contains(&"--instructions");
    if counts {
        // Alone and without charts, which it does not draw.
        let path = ["--no-default-features", "--bin", "ferro-bench-path"];
        run_command(cargo(&root).arg("build").args(shipped).args(bench).args(path))?;
    } else {
        // By itself, so that its dependencies have the features that it ships with.
        run_command(cargo(&root).arg("build").args(shipped).args(["-p", "ferrogw"]))?;
        run_command(cargo(&root).arg("build").args(shipped).args(bench))?;
    }
    let mut run = cargo(&root);
    // Not by its package where it was built with all others: its dependencies would be built again,
    // with the features that it alone wants of them.
    run.args(["run", "--quiet", "--bin", "ferro-bench"]);
    if !counts {
        run.args(bench).args(shipped);
    }
    run_command(run.arg("--").args(arguments))
}
