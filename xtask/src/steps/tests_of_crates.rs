//! The tests of the workspace's crates.

use std::process::Command;

use super::{
    Tally,
    process::{cargo, count_tests},
};

/// Tells a test that it may take long.
const LONG: &str = "FERRO_TEST_LONG";

pub(super) fn debug(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["test", "--workspace", "--exclude", "ferrogw", "--no-fail-fast"]);
    count(tally, command);
}

/// They drive the binary as it is shipped, so they are built as it is.
pub(super) fn release(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["test", "--release", "-p", "ferrogw", "--no-fail-fast"]);
    count(tally, command);
}

fn count(tally: &mut Tally, mut command: Command) {
    if tally.is_long {
        command.env(LONG, "1");
    }
    count_tests(tally, &mut command);
}
