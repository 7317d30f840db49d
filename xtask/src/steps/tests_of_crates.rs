//! The tests of the workspace's crates.

use super::{
    Tally,
    process::{cargo, count_tests, target},
};
use crate::bench;

/// Tells a test that it may take long.
const LONG: &str = "FERRO_TEST_LONG";
/// Tells a test which binary it drives.
const BINARY: &str = "FERRO_TEST_BINARY";

/// Builds what is tested as it is shipped.
pub(super) fn build_shipped(tally: &mut Tally) {
    tally.check("the binary as it is shipped", bench::build_tested());
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
