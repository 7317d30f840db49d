//! `cargo xtask dist`: the gateway as it is shipped.
//!
//! It is built twice. The first one takes notes of where its time goes while the bench has it do what
//! gateways do; the second is laid out by them: what is used stands together and is written for speed,
//! what is not, for size. Notes fit the very source and compiler that took them, so none are kept.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::steps::{cargo, output, run_command, target};

/// The package that is shipped, unless another is named.
const GATEWAY: &str = "ferrogw";
/// What reads the notes.
const MERGER: &str = "llvm-profdata";

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let package = match arguments {
        [] => GATEWAY,
        [package] if !package.starts_with('-') => package,
        _ => return Err("dist [PACKAGE]: which of `bins` is built; `ferrogw` if none is".into()),
    };
    println!("{}", build(package)?.display());
    Ok(())
}

/// Builds what is shipped of a package, and says where it is.
pub(crate) fn build(package: &str) -> Result<PathBuf, String> {
    let tool = merger()?;
    let folder = crate::root().join(target()).join("dist-notes");
    let notes = folder.join("notes");
    remove(&notes)?;
    let taught = compiled(package, &folder, &format!("-Cprofile-generate={}", notes.display()))?;
    train(&taught)?;
    let merged = folder.join("merged.profdata");
    run_command(Command::new(tool).args(["merge", "--sparse", "-o"]).args([&merged, &notes]))?;
    let shipped = compiled(package, &folder, &format!("-Cprofile-use={}", merged.display()))?;
    let place = crate::root().join(target()).join("shipped");
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let place = place.join(package);
    fs::copy(&shipped, &place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(place)
}

/// Builds a package with a flag, which the compiler's own helpers are spared.
fn compiled(package: &str, folder: &Path, flag: &str) -> Result<PathBuf, String> {
    let host = host()?;
    let mut command = cargo(&crate::root());
    command.args(["build", "--profile", "dist", "-p", package, "--target", &host]);
    run_command(command.env("RUSTFLAGS", flag).env("CARGO_TARGET_DIR", folder))?;
    Ok(folder.join(host).join("dist").join(package))
}

/// Has the bench put its loads on what takes notes.
fn train(gateway: &Path) -> Result<(), String> {
    let root = crate::root();
    let bench = ["--workspace", "--bin", "ferro-bench"];
    run_command(cargo(&root).args(["build", "--quiet"]).args(bench))?;
    run_command(
        Command::new(root.join(target()).join("debug/ferro-bench")).arg("train").arg(gateway),
    )
}

/// The machine as the compiler calls it.
fn host() -> Result<String, String> {
    let (_, text) = output(Command::new("rustc").arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

/// The program that belongs to the compiler: another one's may not read its notes.
fn merger() -> Result<PathBuf, String> {
    let (_, libraries) = output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let beside = Path::new(libraries.trim()).with_file_name("bin").join(MERGER);
    if beside.exists() {
        return Ok(beside);
    }
    Err(format!("{} is not there: rustup component add llvm-tools", beside.display()))
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
