//! What `cargo xtask codegen` writes is as it would write it now.

use crate::{codegen, finding::Finding, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    codegen::outdated(tree)
        .into_iter()
        .map(|(path, _)| Finding::new(&path, 1, "is out of date: run `cargo xtask codegen`"))
        .chain(codegen::unlisted(tree))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "[package]\nname = \"ferro-provider-acme\"\ndescription = \"Acme\"\n";

    #[test]
    fn a_stale_listing_and_a_provider_in_no_build_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", "[workspace.dependencies]\nferro-core = { path = \"crates/core\" }\n"),
            (
                "crates/builtins/Cargo.toml",
                "[package]\nname = \"ferro-builtins\"\n[dependencies]\n",
            ),
            ("crates/builtins/src/listing.rs", "//! Old.\n"),
            ("providers/acme/Cargo.toml", PROVIDER),
            ("providers/acme/src/lib.rs", "//! Acme.\npub static PROVIDERS: &[u8] = &[];\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        let says = |words: &str| found.iter().any(|finding| finding.contains(words));
        assert!(says("crates/builtins/src/listing.rs:1: is out of date"), "{found:#?}");
        assert!(says("`ferro-provider-acme` is in no build"), "{found:#?}");
    }
}
