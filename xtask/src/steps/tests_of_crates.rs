//! The tests of the workspace's crates.

use super::{
    Tally,
    process::{cargo, count_tests, run, target},
};

/// Tells a test that it may take long.
const LONG: &str = "FERRO_TEST_LONG";
/// Tells a test which binary it drives.
const BINARY: &str = "FERRO_TEST_BINARY";

/// Builds the binary as it is shipped.
pub(super) fn build_shipped(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["build", "--profile", "dist", "-p", "ferrogw"]);
    tally.check("the binary as it is shipped", run(&mut command));
}

/// Those of the binary drive it as it is shipped. Themselves they are built as all tests are: to build
/// them with all they need a second time, optimised, would take longer than they run.
pub(super) fn check(tally: &mut Tally) {
    let root = crate::root();
    let mut command = cargo(&root);
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.env(BINARY, root.join(target()).join("dist/ferrogw"));
    if tally.is_long {
        command.env(LONG, "1");
    }
    count_tests(tally, &mut command);
}
