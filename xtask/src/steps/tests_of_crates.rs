//! The tests of the workspace's crates.

use std::process::Command;

use super::{
    Tally,
    process::{cargo, count_tests, run, target},
};

/// Tells a test that it may take long.
const LONG: &str = "FERRO_TEST_LONG";
/// Tells a test which binary it drives.
const BINARY: &str = "FERRO_TEST_BINARY";

pub(super) fn debug(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["test", "--workspace", "--exclude", "ferrogw", "--no-fail-fast"]);
    count(tally, command);
}

/// They drive the binary as it is shipped. Themselves they are built as all tests are: to build them
/// with all they need a second time, optimised, would take longer than they run.
pub(super) fn shipped(tally: &mut Tally) {
    let root = crate::root();
    let built = run(cargo(&root).args(["build", "--profile", "dist", "-p", "ferrogw"]));
    if built.is_err() {
        return tally.check("the binary as it is shipped", built);
    }
    let mut command = cargo(&root);
    command.args(["test", "-p", "ferrogw", "--no-fail-fast"]);
    command.env(BINARY, root.join(target()).join("dist/ferrogw"));
    count(tally, command);
}

fn count(tally: &mut Tally, mut command: Command) {
    if tally.is_long {
        command.env(LONG, "1");
    }
    count_tests(tally, &mut command);
}
