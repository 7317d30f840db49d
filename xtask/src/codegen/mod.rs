//! Writes what follows from which crates there are: the listing of a build, its features, the lines
//! of the root manifest, and the list of the vendors.
//!
//! A crate in `providers/` or `plugins/` is in the builds as soon as `crates/builtins/Cargo.toml`
//! has it among its dependencies, which is the one line that a person writes.

mod evidence;
mod listing;
mod manifests;
mod providers_readme;

use std::{fs, path::Path};

use crate::{
    finding::Finding,
    manifest::{Crate, Kind},
    tree::Tree,
};

const BUILTINS: &str = "ferro-builtins";

/// Writes what is out of date; with `--check`, says it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let is_check = match arguments {
        [] => false,
        ["--check"] => true,
        _ => return Err("codegen takes nothing, or `--check`".to_owned()),
    };
    let root = crate::root();
    let mut stale = write(&root, is_check)?;
    stale.extend(providers_readme::write(&root, is_check)?);
    if is_check && !stale.is_empty() {
        return Err(format!("out of date: {}; run `cargo xtask codegen`", stale.join(", ")));
    }
    Ok(())
}

/// Writes what needs no compiler; the paths of what was out of date.
pub(crate) fn write(root: &Path, is_check: bool) -> Result<Vec<String>, String> {
    let tree = Tree::read(root).map_err(|error| error.to_string())?;
    let mut stale = Vec::new();
    for (path, text) in outdated(&tree) {
        if !is_check {
            fs::write(root.join(&path), text).map_err(|error| format!("{path}: {error}"))?;
        }
        stale.push(path);
    }
    Ok(stale)
}

/// The files that need no compiler and are out of date, with what they should say.
pub(crate) fn outdated(tree: &Tree) -> Vec<(String, String)> {
    let Some(builtins) = tree.member(BUILTINS) else { return Vec::new() };
    let listed = Listed::of(tree, builtins);
    let mut outputs = vec![
        (format!("{}/src/evidence.rs", builtins.folder), evidence::render(tree, &listed)),
        (format!("{}/src/listing.rs", builtins.folder), listing::render(&listed)),
        (builtins.path.clone(), manifests::of_builtins(builtins, &listed)),
        ("Cargo.toml".to_owned(), manifests::of_root(tree)),
    ];
    let bins = tree.crates().iter().filter(|member| member.room() == "bins");
    outputs.extend(bins.map(|bin| (bin.path.clone(), manifests::of_binary(bin, &listed))));
    outputs.retain(|(path, text)| tree.text(path) != Some(text));
    outputs
}

/// Crates in `providers/` and `plugins/` that no build can be given.
pub(crate) fn unlisted(tree: &Tree) -> Vec<Finding> {
    let Some(builtins) = tree.member(BUILTINS) else { return Vec::new() };
    let is_listed = |member: &&Crate| {
        builtins.dependencies.iter().any(|d| d.name == member.name && d.is_optional)
    };
    let all = tree.crates().iter().filter(|member| is_pluggable(member));
    all.filter(|member| !is_listed(member))
        .map(|member| {
            let name = &member.name;
            let message = format!(
                "`{name}` is in no build: write `{name} = {{ workspace = true, optional = true }}` \
                 in {} and run `cargo xtask codegen`",
                builtins.path
            );
            Finding::new(&member.path, 1, message)
        })
        .collect()
}

fn is_pluggable(member: &Crate) -> bool {
    matches!(member.room(), "providers" | "plugins")
}

/// What the builds can be given.
struct Listed<'a> {
    /// Dialects that clients may speak.
    dialects: Vec<&'a Crate>,
    providers: Vec<&'a Crate>,
    plugins: Vec<&'a Crate>,
    /// Vocabularies by which tokens are counted.
    vocabularies: Vec<&'a Crate>,
}

impl<'a> Listed<'a> {
    fn of(tree: &'a Tree, builtins: &Crate) -> Self {
        let lines = builtins.dependencies.iter().filter(|line| line.kind == Kind::Normal);
        let members: Vec<_> = lines.filter_map(|line| tree.member(&line.name)).collect();
        let within = |room: &'static str| {
            members.iter().copied().filter(move |member| member.room() == room)
        };
        let exports = |member: &Crate, name: &str| {
            let library = tree.text(&format!("{}/src/lib.rs", member.folder));
            library.is_some_and(|text| text.contains(name))
        };
        let has_ingress =
            |member: &&Crate| member.stem().starts_with("dialect-") && exports(member, "INGRESS");
        let has_vocabularies = |member: &&Crate| exports(member, "VOCABULARIES");
        Self {
            dialects: within("crates").filter(has_ingress).collect(),
            providers: within("providers").collect(),
            plugins: within("plugins").collect(),
            vocabularies: within("crates").filter(has_vocabularies).collect(),
        }
    }

    /// Everything that a feature selects.
    fn selectable(&self) -> impl Iterator<Item = &'a Crate> {
        self.providers.iter().chain(&self.plugins).chain(&self.vocabularies).copied()
    }
}

/// The feature that selects a crate.
fn feature(member: &Crate) -> &str {
    member.stem()
}

/// A crate's name in code.
fn ident(member: &Crate) -> String {
    member.name.replace('-', "_")
}
