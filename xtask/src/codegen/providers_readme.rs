//! `providers/README.md`, as the factories of a full build describe themselves.

use std::{fs, path::Path, process::Command};

use crate::steps::{cargo, output, target};

const FILE: &str = "providers/README.md";

/// Writes the list of the vendors; its path if it was out of date. Compiles the providers.
pub(super) fn write(root: &Path, is_check: bool) -> Result<Option<String>, String> {
    // Of the whole workspace, so that what is built for it serves the tests too.
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--workspace", "--features", "ferro-builtins/full"]);
    let (is_built, text) = output(build.args(["--example", "providers_readme"]))?;
    if !is_built {
        return Err(text);
    }
    let program = root.join(target()).join("debug/examples/providers_readme");
    let output = Command::new(&program).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let path = root.join(FILE);
    if fs::read(&path).is_ok_and(|text| text == output.stdout) {
        return Ok(None);
    }
    if !is_check {
        fs::write(&path, &output.stdout).map_err(|error| format!("{FILE}: {error}"))?;
    }
    Ok(Some(FILE.to_owned()))
}
