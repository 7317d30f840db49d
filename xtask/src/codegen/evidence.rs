//! By what each provider was tried, as source: its fixtures counted, and the vendors' libraries that
//! its tests have judge what is sent.

use std::{collections::BTreeMap, fmt::Write};

use super::{Listed, feature};
use crate::{
    fixtures::{self, SOURCES},
    manifest::Crate,
    sdks,
    tree::{Tree, has_extension},
};

/// `crates/builtins/src/evidence.rs`.
pub(super) fn render(tree: &Tree, listed: &Listed<'_>) -> String {
    let mut out = String::from(
        "//! By what the providers of this build were tried. Written by `cargo xtask codegen` from their\n\
         //! tests.\n",
    );
    for member in &listed.providers {
        let (feature, name, lines) = (feature(member), ident(member), fixtures(tree, member));
        let oracles = oracles(tree, member);
        let _ = write!(
            out,
            "\n#[cfg(feature = \"{feature}\")]\npub(crate) static {name}: ferro_core::Evidence = \
             ferro_core::Evidence::new(\n    &[{oracles}],\n    &[\n{lines}    ],\n);\n"
        );
    }
    out
}

/// The name of a crate's evidence.
pub(super) fn ident(member: &Crate) -> String {
    member.stem().replace('-', "_").to_uppercase()
}

/// A line for each kind, and one for those of every kind.
fn fixtures(tree: &Tree, member: &Crate) -> String {
    let mut counts: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    for fixture in &fixtures::all(tree) {
        let at = SOURCES.iter().position(|source| *source == fixture.origin());
        if let Some(at) = at.filter(|_| fixture.provider == member.stem()) {
            counts.entry(fixture.kind).or_default()[at] += 1;
        }
    }
    let line = |(kind, counts): (&str, [u32; 4])| {
        format!("        ferro_core::Fixtures::new(\"{kind}\", {counts:?}),\n")
    };
    counts.into_iter().map(line).collect()
}

/// The libraries that the crate's scripts import, with the versions that are installed.
fn oracles(tree: &Tree, member: &Crate) -> String {
    let tests = format!("{}/tests/", member.folder);
    let scripts: Vec<_> = tree
        .files()
        .filter(|(path, _)| path.starts_with(&tests) && has_extension(path, "py"))
        .flat_map(|(_, text)| text.lines().map(str::trim))
        .collect();
    let imports = |module: &str| {
        scripts.iter().any(|line| {
            let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "));
            let named = rest.and_then(|rest| rest.strip_prefix(module));
            named.is_some_and(|end| !end.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    let used = sdks::python().filter(|(name, _)| imports(module(name)));
    used.map(|(name, version)| format!("\"{name} {version}\"")).collect::<Vec<_>>().join(", ")
}

/// What a library is called where it is imported.
fn module(library: &str) -> &str {
    match library {
        "google-genai" => "google.genai",
        same => same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_are_counted_by_kind_and_source_and_oracles_are_those_that_are_imported() {
        let manifest = "[package]\nname = \"ferro-provider-acme\"\n";
        let tree = Tree::of(&[
            ("providers/acme/Cargo.toml", manifest),
            ("providers/acme/tests/fixtures/_set/chat/a/source", "constructed: a"),
            ("providers/acme/tests/fixtures/acme/chat/b/source", "sdk acme 1 x"),
            ("providers/acme/tests/fixtures/acme/chat/c/source", "document https://a.b read 1"),
            ("providers/acme/tests/fixtures/acme/chat/d/source", "sdk acme 1 y"),
            ("providers/acme/tests/oracle.py", "import botocore.session\nfrom coherent import x\n"),
        ]);
        let member = tree.member("ferro-provider-acme").unwrap();
        let (dialects, plugins, vocabularies) = (vec![], vec![], vec![]);
        let listed = Listed { dialects, providers: vec![member], plugins, vocabularies };
        let text = render(&tree, &listed);
        for part in [
            "pub(crate) static ACME: ferro_core::Evidence = ",
            "    &[\"botocore 1.44.5\"],\n",
            "Fixtures::new(\"\", [0, 0, 0, 1]),\n        ferro_core::Fixtures::new(\"acme\", [1, 2, 0, 0]),\n",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        syn::parse_file(&text).unwrap();
    }
}
