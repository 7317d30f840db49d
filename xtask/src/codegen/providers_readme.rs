//! `providers/README.md`, as the factories of a full build describe themselves.

use std::{fs, path::Path};

use crate::steps::cargo;

const FILE: &str = "providers/README.md";

/// Writes the list of the vendors; its path if it was out of date. Compiles the providers.
pub(super) fn write(root: &Path, is_check: bool) -> Result<Option<String>, String> {
    let output = cargo(root)
        .args(["run", "--quiet", "-p", "ferro-builtins", "--features", "full"])
        .args(["--example", "providers_readme"])
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
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
