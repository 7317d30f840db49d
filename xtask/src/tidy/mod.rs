//! What the compiler cannot check. Each check reads the tree and says what it found; nothing is
//! compiled, so it takes about a second.

mod architecture;
mod contents;
mod dependencies;
mod features;
mod fixtures;
mod floors;
mod generated;
mod layout;
mod library;
mod manifests;
mod markers;
mod module_docs;
mod names;
mod owners;
mod readme;
mod sizes;

use crate::{finding::Finding, tree::Tree};

/// A check, and its name.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Tree) -> Vec<Finding>,
}

/// Every check.
pub(crate) static CHECKS: &[Check] = &[
    Check { name: "floors", run: floors::check },
    Check { name: "layout", run: layout::check },
    Check { name: "manifests", run: manifests::check },
    Check { name: "dependencies", run: dependencies::check },
    Check { name: "features", run: features::check },
    Check { name: "owners", run: owners::check },
    Check { name: "module-docs", run: module_docs::check },
    Check { name: "contents", run: contents::check },
    Check { name: "sizes", run: sizes::check },
    Check { name: "markers", run: markers::check },
    Check { name: "names", run: names::check },
    Check { name: "generated", run: generated::check },
    Check { name: "library", run: library::check },
    Check { name: "architecture", run: architecture::check },
    Check { name: "readme", run: readme::check },
    Check { name: "fixtures", run: fixtures::check },
];

/// Runs every check, and prints what was found.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    if !arguments.is_empty() {
        return Err("tidy takes nothing".to_owned());
    }
    let tree = Tree::read(&crate::root()).map_err(|error| error.to_string())?;
    let mut count = 0;
    for check in CHECKS {
        for finding in (check.run)(&tree) {
            println!("{finding} [{}]", check.name);
            count += 1;
        }
    }
    if count == 0 { Ok(()) } else { Err(format!("{count} things are not tidy")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let tree = Tree::read(&crate::root()).unwrap();
        let found: Vec<_> = CHECKS
            .iter()
            .flat_map(|check| (check.run)(&tree).into_iter().map(|f| (check.name, f.to_string())))
            .collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}
