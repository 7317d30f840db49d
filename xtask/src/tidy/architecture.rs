//! The table of crates in `ARCHITECTURE.md` is the workspace as it stands.

use crate::{
    finding::Finding,
    manifest::{Crate, Floor},
    tree::Tree,
};

const FILE: &str = "ARCHITECTURE.md";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let rows = rows(tree.text(FILE).unwrap_or_default());
    let mut found = Vec::new();
    for (line, floor, place) in &rows {
        let members: Vec<_> = tree.crates().iter().filter(|m| covers(place, &m.folder)).collect();
        // A room may have no crate yet.
        if members.is_empty() && !place.ends_with('*') {
            found.push(Finding::new(FILE, *line, format!("there is no crate `{place}`")));
        }
        let wrong = members.iter().filter(|member| shown(member.floor) != *floor);
        found.extend(wrong.map(|member| {
            let message = format!("`{}` stands on {}", member.folder, shown(member.floor));
            Finding::new(FILE, *line, message)
        }));
    }
    let missing =
        tree.crates().iter().filter(|m| !rows.iter().any(|(_, _, p)| covers(p, &m.folder)));
    found.extend(missing.map(|member: &Crate| {
        let message = format!("the table has no row for `{}`", member.folder);
        Finding::new(FILE, 1, message)
    }));
    found
}

/// Line, floor and place of each row `| 3 | `crates/engine` | … |`.
fn rows(text: &str) -> Vec<(usize, String, String)> {
    let cells = |line: &str| -> Option<(String, String)> {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let (floor, place) = (cells.next()?, cells.next()?);
        let place = place.strip_prefix('`')?.strip_suffix('`')?;
        let is_floor = floor == "beside" || floor.parse::<u8>().is_ok();
        is_floor.then(|| (floor.to_owned(), place.to_owned()))
    };
    let lines = text.lines().enumerate();
    lines.filter_map(|(i, line)| cells(line).map(|(f, p)| (i + 1, f, p))).collect()
}

fn covers(place: &str, folder: &str) -> bool {
    place.strip_suffix('*').map_or(folder == place, |room| folder.starts_with(room))
}

fn shown(floor: Floor) -> String {
    match floor {
        Floor::Number(floor) => floor.to_string(),
        Floor::Beside => "beside".to_owned(),
        Floor::Undeclared => "no floor".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_crates_agree() {
        let manifest = |floor| format!("[package.metadata.ferro]\nfloor = {floor}\n");
        let tree = Tree::of(&[
            (
                FILE,
                "| Floor | Crate |\n|---|---|\n| 0 | `crates/wire` |\n| 2 | `crates/core` |\n| 5 | `crates/gone` |\n| 3 | `providers/*` |\n",
            ),
            ("crates/wire/Cargo.toml", &manifest("0")),
            ("crates/core/Cargo.toml", &manifest("1")),
            ("crates/new/Cargo.toml", &manifest("1")),
            ("providers/acme/Cargo.toml", &manifest("3")),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md:4: `crates/core` stands on 1",
                "ARCHITECTURE.md:5: there is no crate `crates/gone`",
                "ARCHITECTURE.md:1: the table has no row for `crates/new`",
            ]
        );
    }
}
