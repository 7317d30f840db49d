//! Programs of third parties: crates that stand outside the workspace and use it as anybody would.
//!
//! A crate with a `tests` folder is tested; another is a program whose success is its exit code.

use std::{fs, path::PathBuf};

use super::{
    Tally,
    process::{cargo, count_tests, run},
};

const FOLDER: &str = "crates/testkit/out-of-tree";

pub(super) fn check(tally: &mut Tally) {
    let programs = match programs() {
        Ok(programs) if !programs.is_empty() => programs,
        Ok(_) => return tally.check(FOLDER, Err("no program stands there".to_owned())),
        Err(error) => return tally.check(FOLDER, Err(error.to_string())),
    };
    for folder in programs {
        let name = format!("{FOLDER}/{}", folder.file_name().unwrap_or_default().to_string_lossy());
        // The workspace's lock file, so that what is compiled already is not compiled again.
        let locked = fs::copy(crate::root().join("Cargo.lock"), folder.join("Cargo.lock"));
        if let Err(error) = locked {
            tally.check(&name, Err(error.to_string()));
        } else if folder.join("tests").is_dir() {
            count_tests(tally, cargo(&folder).arg("test"));
        } else {
            tally.check(&name, run(cargo(&folder).args(["run", "--quiet"])));
        }
    }
}

fn programs() -> std::io::Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(crate::root().join(FOLDER))? {
        let folder = entry?.path();
        if folder.join("Cargo.toml").is_file() {
            programs.push(folder);
        }
    }
    programs.sort();
    Ok(programs)
}
