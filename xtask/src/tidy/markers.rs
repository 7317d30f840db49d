//! Nothing is left for later, switched off, or tied to one machine.

use syn::{Attribute, spanned::Spanned, visit::Visit};

use crate::{
    finding::Finding,
    source::Source,
    tree::{Tree, has_extension},
};

/// Words that put something off, in pieces so that this file does not hold them.
const LATER: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
/// Beginnings of paths that exist on one machine.
const MACHINE: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];
/// Files that people write code and prose in.
const READ: &[&str] = &["rs", "toml", "md", "yaml", "yml", "sh", "py", "mjs", "ts", "tsx"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<_> = tree.sources().iter().flat_map(attributes).collect();
    for (path, text) in tree.files().filter(|(path, _)| READ.iter().any(|e| has_extension(path, e)))
    {
        for (index, line) in text.lines().enumerate() {
            found.extend(judge(path, line).map(|message| Finding::new(path, index + 1, message)));
        }
    }
    found
}

fn judge(path: &str, line: &str) -> Option<&'static str> {
    let is_word =
        |found: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == found);
    if LATER.iter().any(|word| is_word(word)) {
        return Some("do it now, or file an issue: the tree holds nothing for later");
    }
    // A container has a file system of its own.
    let is_machine = |start: &str| {
        line.match_indices(start).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '}' | ')'))
        })
    };
    if !path.starts_with("deploy/") && MACHINE.iter().any(|start| is_machine(start)) {
        return Some("a path of one machine: make it relative, or a variable");
    }
    None
}

fn attributes(source: &Source) -> Vec<Finding> {
    let mut attributes = Attributes::default();
    if let Some(file) = &source.items {
        attributes.visit_file(file);
    }
    let said = attributes.found.into_iter();
    said.map(|(line, message)| Finding::new(&source.path, line, message)).collect()
}

#[derive(Default)]
struct Attributes {
    found: Vec<(usize, &'static str)>,
}

impl<'ast> Visit<'ast> for Attributes {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Some(name) = attribute.path().get_ident() else { return };
        let says_why = || {
            let list = attribute.meta.require_list();
            list.is_ok_and(|list| list.tokens.to_string().contains("reason ="))
        };
        let message = match name.to_string().as_str() {
            "ignore" => "a test runs, or it is not there",
            "should_panic" => "assert what happens instead of that something panics",
            "allow" => {
                "write `#[expect(…, reason = \"…\")]`: it says when it is not needed any more"
            }
            "expect" if !says_why() => "say why: `#[expect(…, reason = \"…\")]`",
            _ => return,
        };
        self.found.push((attribute.span().start().line, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_off_or_switched_off_is_found() {
        let text = format!(
            "//! A.\n// {}: later\n#[allow(dead_code)]\nfn a() {{}}\n#[test]\n#[ignore]\nfn b() {{}}\n\
             #[test]\n#[should_panic]\nfn c() {{}}\n#[expect(unused)]\nfn d() {{}}\n\
             #[expect(unused, reason = \"a law\")]\nconst P: &str = \"{}me\";\n",
            LATER[0], MACHINE[0]
        );
        let found = check(&Tree::of(&[("crates/a/src/a.rs", &text)]));
        let mut lines: Vec<_> = found.iter().map(|finding| finding.line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [2, 3, 6, 9, 11, 14], "{found:#?}");
    }

    #[test]
    fn a_path_of_a_url_is_not_a_path_of_a_machine() {
        assert_eq!(judge("a.rs", &format!("https://example.com{}page", MACHINE[0])), None);
    }
}
