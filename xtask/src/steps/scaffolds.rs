//! `cargo xtask new` in a copy of the tree: what it makes compiles, is tidy, and passes its tests.

use std::{fs, path::Path};

use super::{
    Tally,
    process::{cargo, count_tests, run, target},
};
use crate::{new, tidy, tree::Tree};

const LINTS: &[&str] = &["--quiet", "--all-targets", "--", "-D", "warnings"];

pub(super) fn check(tally: &mut Tally) {
    let copy = target().join("xtask").join("scaffolds");
    let made = copy_tree(&copy).and_then(|()| {
        new::make(&copy, "provider", "sample-vendor")?;
        new::make(&copy, "plugin", "sample-policy")
    });
    let is_made = made.is_ok();
    tally.check("a new provider and a new plugin are made", made);
    if !is_made {
        return;
    }
    tally.check("a new provider and a new plugin are tidy", tidy_there(&copy));
    let formatted = run(cargo(&copy).args(["fmt", "--all", "--check"]));
    tally.check("a new provider and a new plugin are formatted", formatted);
    let packages = ["-p", "ferro-provider-sample-vendor", "-p", "ferro-plugin-sample-policy"];
    count_tests(tally, cargo(&copy).arg("test").args(packages));
    let lints = run(cargo(&copy).arg("clippy").args(packages).args(LINTS));
    tally.check("a new provider and a new plugin pass the lints", lints);
    let listed = run(cargo(&copy).args(["check", "-p", "ferro-builtins", "--features", "full"]));
    tally.check("a build with the new provider and plugin compiles", listed);
}

/// Copies what is written by hand.
fn copy_tree(to: &Path) -> Result<(), String> {
    let from = crate::root();
    let copied = || -> std::io::Result<()> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        for (path, _) in Tree::read(&from)?.files() {
            let place = to.join(path);
            fs::create_dir_all(place.parent().unwrap_or(to))?;
            fs::copy(from.join(path), place)?;
        }
        Ok(())
    };
    copied().map_err(|error| error.to_string())
}

/// What is not tidy in the copy and was so before.
fn tidy_there(copy: &Path) -> Result<(), String> {
    let read = |root: &Path| Tree::read(root).map_err(|error| error.to_string());
    let (before, after) = (read(&crate::root())?, read(copy)?);
    let mut worse = Vec::new();
    for check in tidy::CHECKS {
        let old: Vec<_> = (check.run)(&before).into_iter().map(|f| f.message).collect();
        let new = (check.run)(&after).into_iter().filter(|f| !old.contains(&f.message));
        worse.extend(new.map(|finding| finding.to_string()));
    }
    if worse.is_empty() { Ok(()) } else { Err(worse.join("\n")) }
}
