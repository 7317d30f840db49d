//! A crate stands on a floor and depends on strictly lower ones.

use crate::{
    finding::Finding,
    manifest::{Crate, Dependency, Floor, Kind},
    tree::Tree,
};

/// The highest floor that a crate beside the floors may use.
const REACH_OF_BESIDE: i64 = 5;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in tree.crates() {
        if member.floor == Floor::Undeclared {
            let message = "no floor: add `[package.metadata.ferro]` with `floor = N` (the table is \
                           in ARCHITECTURE.md)";
            found.push(Finding::new(&member.path, 1, message));
            continue;
        }
        // What only tests use does not bind a crate to a floor.
        for dependency in member.dependencies.iter().filter(|d| d.kind != Kind::Dev) {
            let wrong = tree.member(&dependency.name).and_then(|used| judge(member, used));
            found.extend(wrong.map(|message| at(member, dependency, message)));
        }
    }
    found
}

fn judge(member: &Crate, used: &Crate) -> Option<String> {
    let (name, other) = (&member.name, &used.name);
    match (member.floor, used.floor) {
        (Floor::Number(own), Floor::Number(below)) if below >= own => Some(format!(
            "{name} (floor {own}) depends on {other} (floor {below}): only lower floors may be used"
        )),
        (Floor::Number(_), Floor::Beside) => {
            Some(format!("{other} stands beside the floors: {name} may use it in tests only"))
        }
        (Floor::Beside, Floor::Number(floor))
            if floor > REACH_OF_BESIDE && member.room() == "crates" =>
        {
            Some(format!("{name} may use floors up to {REACH_OF_BESIDE}; {other} is on {floor}"))
        }
        _ => None,
    }
}

fn at(member: &Crate, dependency: &Dependency, message: String) -> Finding {
    Finding::at(&member.path, &member.text, &dependency.name, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, floor: &str, rest: &str) -> String {
        format!(
            "[package]\nname = \"ferro-{name}\"\n[package.metadata.ferro]\nfloor = {floor}\n{rest}"
        )
    }

    #[test]
    fn only_strictly_lower_floors_are_used() {
        let up = manifest("low", "1", "[dependencies]\nferro-high.workspace = true\n");
        let level = manifest("high", "2", "[dependencies]\nferro-other.workspace = true\n");
        let kit = "[dependencies]\nferro-kit.workspace = true\n[dev-dependencies]\nferro-low.workspace = true\n";
        let tree = Tree::of(&[
            ("crates/low/Cargo.toml", &up),
            ("crates/high/Cargo.toml", &level),
            ("crates/other/Cargo.toml", &manifest("other", "2", kit)),
            ("crates/kit/Cargo.toml", &manifest("kit", "\"beside\"", "")),
            ("crates/lost/Cargo.toml", "[package]\nname = \"ferro-lost\"\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("crates/high/Cargo.toml:6: ferro-high (floor 2)"));
        assert!(found[1].starts_with("crates/lost/Cargo.toml:1: no floor"));
        assert!(found[2].starts_with("crates/low/Cargo.toml:6: ferro-low (floor 1)"));
        assert!(found[3].contains("ferro-kit stands beside the floors"));
    }
}
