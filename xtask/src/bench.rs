//! `cargo xtask bench`: builds the gateway and the bench as they are shipped, and runs the bench.

use crate::steps::{cargo, run_command};

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let root = crate::root();
    let mut bench = vec!["--profile", "dist", "-p", "xtask-bench"];
    if arguments.contains(&"--instructions") {
        // Counted inside the bench's own binary, which draws nothing for it.
        bench.push("--no-default-features");
    } else {
        // By itself, so that its dependencies have the features that it ships with.
        run_command(cargo(&root).args(["build", "--profile", "dist", "-p", "ferrogw"]))?;
    }
    run_command(cargo(&root).arg("build").args(&bench))?;
    run_command(cargo(&root).args(["run", "--quiet"]).args(&bench).arg("--").args(arguments))
}
