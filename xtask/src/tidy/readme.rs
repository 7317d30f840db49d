//! The commands that the documents tell a reader to type exist, and so do the files they point at.

use syn::{Item, Meta};

use crate::{commands::COMMANDS, finding::Finding, tree::Tree};

/// Documents that tell a reader what to type.
const DOCUMENTS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let typed = Typed { tree, gateway: gateway_commands(tree) };
    for path in DOCUMENTS {
        let mut is_shell = false;
        for (index, line) in tree.text(path).unwrap_or_default().lines().enumerate() {
            if line.starts_with("```") {
                is_shell = line == "```sh";
            }
            let mut wrong = Vec::new();
            if is_shell {
                wrong.extend(typed.judge(line));
            }
            wrong.extend(
                links(line)
                    .filter(|link| !exists(tree, link))
                    .map(|link| format!("there is no `{link}`")),
            );
            found.extend(wrong.into_iter().map(|message| Finding::new(path, index + 1, message)));
        }
    }
    found
}

struct Typed<'a> {
    tree: &'a Tree,
    gateway: Vec<String>,
}

impl Typed<'_> {
    /// What is wrong with a line of shell.
    fn judge(&self, line: &str) -> Option<String> {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().skip_while(|word| word.contains('=')).collect();
        match words[..] {
            ["cargo", "xtask", command, ..] if !known().contains(&command) => {
                Some(format!("`cargo xtask` knows {}, not `{command}`", known().join(", ")))
            }
            ["cargo", ..] => {
                let package = after(&words, "-p").filter(|name| self.tree.member(name).is_none());
                let command = after(&words, "--").filter(|word| !word.starts_with('-'));
                let command = command.filter(|_| words[1] == "run");
                let command =
                    command.filter(|word| !self.gateway.iter().any(|known| known == word));
                package.map(|name| format!("there is no crate `{name}`")).or_else(|| {
                    command.map(|word| {
                        format!("the gateway knows {}, not `{word}`", self.gateway.join(", "))
                    })
                })
            }
            _ => None,
        }
    }
}

fn known() -> Vec<&'static str> {
    COMMANDS.iter().map(|command| command.name).collect()
}

fn after<'a>(words: &[&'a str], flag: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == flag)?;
    words.get(at + 1).copied()
}

/// The commands of the gateway's binary: the variants of the enums that derive `Subcommand`.
fn gateway_commands(tree: &Tree) -> Vec<String> {
    let sources = tree.sources().iter().filter(|s| s.path.starts_with("crates/cli/src/"));
    let items = sources.filter_map(|source| source.items.as_ref()).flat_map(|file| &file.items);
    let mut commands = Vec::new();
    for item in items {
        let Item::Enum(item) = item else { continue };
        let is_command = item.attrs.iter().any(|attribute| match &attribute.meta {
            Meta::List(list) => list.tokens.to_string().contains("Subcommand"),
            _ => false,
        });
        if is_command {
            commands.extend(item.variants.iter().map(|v| kebab(&v.ident.to_string())));
        }
    }
    commands
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Relative links, and files in backticks that look like a path of ours.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.filter(|link| !link.contains("://") && !link.starts_with('#'))
}

fn exists(tree: &Tree, link: &str) -> bool {
    let path = link.split('#').next().unwrap_or_default().trim_end_matches('/');
    tree.files().any(|(file, _)| file == path || file.starts_with(&format!("{path}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        let readme = "# A\n```sh\ncargo run --release -- demo   # shows it\ncargo run -- dance\n\
                      cargo xtask test\ncargo xtask cook\nKEY=sk cargo test -p ferro-gone\n```\n\
                      See [the examples](config/) and [that](docs/gone.md).\n";
        let cli = "//! A.\n#[derive(Subcommand)]\nenum Command {\n    Demo,\n    Validate { file: u8 },\n}\n";
        let tree = Tree::of(&[
            ("README.md", readme),
            ("config/config.example.yaml", ""),
            ("crates/cli/src/commands.rs", cli),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], "README.md:4: the gateway knows demo, validate, not `dance`");
        assert!(found[1].starts_with("README.md:6: `cargo xtask` knows"));
        assert_eq!(found[2], "README.md:7: there is no crate `ferro-gone`");
        assert_eq!(found[3], "README.md:9: there is no `docs/gone.md`");
    }
}
