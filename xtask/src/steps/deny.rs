//! Licences, sources, and who may depend on what, by cargo-deny.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Tally,
    process::{cargo, output, run, target},
};

/// The version that `deny.toml` was written for.
const VERSION: &str = "0.20.2";

pub(super) fn check(tally: &mut Tally) {
    let result = tool().and_then(|tool| {
        let mut command = Command::new(tool);
        // Advisories need a database from elsewhere; what is checked here needs only the tree.
        command.args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
        run(command.current_dir(crate::root()))
    });
    tally.check("deny", result);
}

/// The tool: the one on the path if it is this version, else one of our own.
fn tool() -> Result<PathBuf, String> {
    let own = target().join("tools").join("bin").join("cargo-deny");
    let found = [Path::new("cargo-deny"), &own].into_iter().find(|tool| is_right(tool));
    if let Some(tool) = found {
        return Ok(tool.to_owned());
    }
    let mut install = cargo(&crate::root());
    install
        .args(["install", "--locked", "--debug", "--version", VERSION, "cargo-deny", "--root"])
        .arg(target().join("tools"))
        // A minute instead of three: it runs once and need not be fast.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_TARGET_DIR");
    run(&mut install)?;
    Ok(own)
}

fn is_right(tool: &Path) -> bool {
    let version = output(Command::new(tool).arg("--version"));
    version.is_ok_and(|(good, text)| good && text.trim().ends_with(VERSION))
}
