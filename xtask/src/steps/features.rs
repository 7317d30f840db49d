//! Builds of less than everything: each feature alone, none at all, and a slim binary that holds
//! nothing but what it was given.

use std::{fs, process::Command};

use super::{
    Tally,
    process::{cargo, output, run, target},
};
use crate::{manifest::Crate, tree::Tree};

/// The slim binary.
const SLIM: &[&str] = &["-p", "ferrogw-slim", "--no-default-features", "--features", "openai"];
/// What it must not hold: what only an optional room needs.
const HEAVY: &[&str] = &[
    "aws-config",
    "aws-sigv4",
    "jsonwebtoken",
    "libsqlite3-sys",
    "opentelemetry",
    "redis",
    "rmcp",
    "rust-embed",
    "sqlx",
    "tiktoken-rs",
    "utoipa",
];
/// The most crates that it is made of.
const MAX_CRATES: usize = 235;

pub(super) fn check(tally: &mut Tally) {
    let tree = match Tree::read(&crate::root()) {
        Ok(tree) => tree,
        Err(error) => return tally.check("features", Err(error.to_string())),
    };
    for member in tree.crates().iter().filter(|member| has_matrix(member)) {
        let features = member.features();
        tally.check(&format!("{} without features compiles", member.name), compiles(member, None));
        for feature in features {
            let name = format!("{} with {feature} alone compiles", member.name);
            tally.check(&name, compiles(member, Some(feature)));
        }
    }
    tally.check("a slim binary holds no other provider and nothing heavy", slim_tree(&tree));
    tally.check("a slim binary builds", run(cargo(&crate::root()).arg("build").args(SLIM)));
    tally.check("an unknown kind is told what this build has", unknown_kind());
}

/// The binaries forward the same features, so one of them stands for all.
fn has_matrix(member: &Crate) -> bool {
    let is_forwarded = member.name == "ferro-builtins";
    let is_other_binary = member.room() == "bins" && member.name != "ferrogw";
    !member.features().is_empty() && !is_forwarded && !is_other_binary
}

fn compiles(member: &Crate, feature: Option<&str>) -> Result<(), String> {
    let mut command = cargo(&crate::root());
    command.args(["check", "--quiet", "-p", &member.name, "--no-default-features"]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    let (good, text) = output(&mut command)?;
    // A feature that leaves something unused is written wrongly.
    if good && !text.contains("warning") { Ok(()) } else { Err(text) }
}

fn slim_tree(tree: &Tree) -> Result<(), String> {
    let mut command = cargo(&crate::root());
    command.args(["tree", "-e", "normal", "--prefix", "none", "--format", "{p}"]).args(SLIM);
    let (good, text) = output(&mut command)?;
    if !good {
        return Err(text);
    }
    let mut held: Vec<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    held.sort_unstable();
    held.dedup();
    let others = tree.crates().iter().filter(|m| matches!(m.room(), "providers" | "plugins"));
    let others =
        others.map(|member| member.name.as_str()).filter(|n| *n != "ferro-provider-openai");
    let wrong: Vec<_> = others.chain(HEAVY.iter().copied()).filter(|n| held.contains(n)).collect();
    if !wrong.is_empty() {
        return Err(format!("it holds {}", wrong.join(", ")));
    }
    let is_there = held.contains(&"ferro-provider-openai");
    if !is_there || held.len() > MAX_CRATES {
        return Err(format!("it holds {} crates, its provider: {is_there}", held.len()));
    }
    println!("it is made of {} crates", held.len());
    Ok(())
}

/// The slim binary, asked for a kind that it does not have.
fn unknown_kind() -> Result<(), String> {
    let file = target().join("xtask").join("unknown-kind.yaml");
    let written = fs::create_dir_all(target().join("xtask"))
        .and_then(|()| fs::write(&file, "targets:\n  - virtual_key: mine\n    provider: acme\n"));
    written.map_err(|error| error.to_string())?;
    let binary = target().join("debug").join("ferrogw-slim");
    let (good, text) = output(Command::new(binary).arg("validate").arg(&file))?;
    let says = |words: &str| text.contains(words);
    let is_exact = !good && says("acme") && says("openai") && !says("openai-compatible");
    if is_exact { Ok(()) } else { Err(format!("it said: {text}")) }
}
