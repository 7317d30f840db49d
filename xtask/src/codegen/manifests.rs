//! The parts of manifests that follow from which crates there are.

use std::fmt::Write;

use super::{BUILTINS, Listed, feature, is_pluggable};
use crate::{manifest::Crate, tree::Tree};

const BEGIN: &str = "# Written by `cargo xtask codegen` from here …";
const END: &str = "# … to here.";

/// `crates/builtins/Cargo.toml`: a feature for each provider and plugin, and two for many.
pub(super) fn of_builtins(builtins: &Crate, listed: &Listed<'_>) -> String {
    let is_light = |member: &&Crate| member.metadata("heavy").is_none();
    let light = listed.selectable().filter(is_light).map(feature);
    let heavy = listed.selectable().filter(|member| !is_light(member)).map(feature);
    let mut lines = String::new();
    let standard = array(light);
    let full = array(std::iter::once("standard").chain(heavy));
    let _ = write!(
        lines,
        "## Everything that compiles fast.\nstandard = {standard}\n## Everything.\nfull = {full}\n"
    );
    for member in listed.selectable() {
        let (doc, feature, name) = (sentence(&member.description), feature(member), &member.name);
        let _ = write!(lines, "## {doc}\n{feature} = [\"dep:{name}\"]\n");
    }
    between_marks(&builtins.text, &lines)
}

/// A binary's features for what `builtins` can list.
pub(super) fn of_binary(binary: &Crate, listed: &Listed<'_>) -> String {
    if !binary.dependencies.iter().any(|line| line.name == BUILTINS) {
        return binary.text.clone();
    }
    let mut lines = String::new();
    for member in listed.selectable() {
        let (doc, feature) = (sentence(&member.description), feature(member));
        let _ = write!(lines, "## {doc}\n{feature} = [\"{BUILTINS}/{feature}\"]\n");
    }
    between_marks(&binary.text, &lines)
}

/// The root's manifest, with a line for every provider and plugin.
pub(super) fn of_root(tree: &Tree) -> String {
    const TABLE: &str = "[workspace.dependencies]";
    let mut text = tree.text("Cargo.toml").unwrap_or_default().to_owned();
    for member in tree.crates().iter().filter(|member| is_pluggable(member)) {
        let line = format!("{} = {{ path = \"{}\" }}\n", member.name, member.folder);
        let is_there = text.contains(&format!("\n{} =", member.name));
        let Some(table) = text.find(TABLE).filter(|_| !is_there) else { continue };
        let ours = text[table..].split_inclusive('\n').skip(1);
        // Our own crates come first, in the alphabet's order.
        let before =
            ours.take_while(|l| l.starts_with('#') || **l < *line && l.starts_with("ferro"));
        let at = table + TABLE.len() + 1 + before.map(str::len).sum::<usize>();
        text.insert_str(at, &line);
    }
    text
}

fn between_marks(text: &str, lines: &str) -> String {
    const TABLE: &str = "\n[features]\n";
    let block = format!("{BEGIN}\n{lines}{END}\n");
    if let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) {
        return format!("{}{block}{}", &text[..begin], &text[end + END.len() + 1..]);
    }
    let Some(table) = text.find(TABLE) else {
        return format!("{}\n\n[features]\n{block}", text.trim_end());
    };
    // The end of the table: the next one, or the end of the file.
    let end = text[table + TABLE.len()..].find("\n[").map(|end| table + TABLE.len() + end);
    let (table, rest) = text.split_at(end.unwrap_or(text.len()));
    format!("{}\n{block}{rest}", table.trim_end())
}

fn array<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("\"{word}\"")).collect();
    let line = format!("[{}]", words.join(", "));
    if line.len() <= 88 { line } else { format!("[\n    {},\n]", words.join(",\n    ")) }
}

fn sentence(description: &str) -> String {
    format!("{}.", description.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_marks_is_replaced_and_the_rest_stays() {
        let text = "[package]\n\n[features]\ndefault = [\"a\"]\n";
        let once = between_marks(text, "## A.\na = []\n");
        assert!(once.starts_with(text) && once.contains("a = []\n"), "{once}");
        assert_eq!(between_marks(&once, "## A.\na = []\n"), once);
        assert!(!between_marks(&once, "## B.\nb = []\n").contains("a = []\n"));
        let behind = between_marks("[a]\n\n[features]\nx = []\n\n[lints]\n", "b = []\n");
        assert!(behind.ends_with(&format!("b = []\n{END}\n\n[lints]\n")), "{behind}");
    }

    #[test]
    fn a_new_crate_gets_its_line_among_ours() {
        let root = "[workspace.dependencies]\n# Ours.\nferro-core = { path = \"crates/core\" }\n\
                    ferro-wire = { path = \"crates/wire\" }\n\n# Theirs.\nbytes = \"1\"\n";
        let manifest = "[package]\nname = \"ferro-provider-acme\"\n";
        let tree = Tree::of(&[("Cargo.toml", root), ("providers/acme/Cargo.toml", manifest)]);
        let written = of_root(&tree);
        let line = "ferro-provider-acme = { path = \"providers/acme\" }\n";
        assert_eq!(written, root.replace("ferro-wire", &format!("{line}ferro-wire")));
        let tree = Tree::of(&[("Cargo.toml", &written), ("providers/acme/Cargo.toml", manifest)]);
        assert_eq!(of_root(&tree), written);
    }
}
