//! The steps that are one command each.

use super::{
    Tally,
    process::{cargo, output, run},
};
use crate::{bench, codegen, sdks, tidy, tree::Tree};

pub(super) fn tidy(tally: &mut Tally) {
    let tree = match Tree::read(&crate::root()) {
        Ok(tree) => tree,
        Err(error) => return tally.check("tidy", Err(error.to_string())),
    };
    for check in tidy::CHECKS {
        let found: Vec<_> = (check.run)(&tree).iter().map(ToString::to_string).collect();
        let result = if found.is_empty() { Ok(()) } else { Err(found.join("\n")) };
        tally.check(&format!("tidy {}", check.name), result);
    }
}

pub(super) fn lock(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["metadata", "--locked", "--format-version", "1"]);
    let result = output(&mut command);
    tally.check("lock", result.and_then(|(good, text)| if good { Ok(()) } else { Err(text) }));
}

pub(super) fn format(tally: &mut Tally) {
    let result = run(cargo(&crate::root()).args(["fmt", "--all", "--check"]));
    tally.check("fmt", result);
}

pub(super) fn clippy(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    tally.check("clippy", run(&mut command));
}

pub(super) fn documentation(tally: &mut Tally) {
    let mut command = cargo(&crate::root());
    command.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    tally.check("doc", run(&mut command));
}

pub(super) fn codegen(tally: &mut Tally) {
    tally.check("codegen", codegen::run(&["--check"]));
}

/// Installs what tests hold the codecs and the release binary against.
pub(super) fn sdks(tally: &mut Tally) {
    tally.check("sdks", sdks::install().map(drop));
}

/// Holds a request's instructions and allocations to the committed budget.
pub(super) fn budget(tally: &mut Tally) {
    tally.check("budget", bench::run(&["--instructions"]));
}
