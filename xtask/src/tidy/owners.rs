//! Heavy dependencies have one owner; the rest of the house goes through it.
//!
//! `deny.toml` says the same to cargo-deny, which sees the whole graph. Here a violation is seen
//! without it, and so is a use of hyper's client, because cargo-deny sees crates and not modules.

use toml::{Table, Value};

use crate::{finding::Finding, manifest::Kind, tree::Tree};

/// A dependency, and the folders of the crates that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("aho-corasick", &["plugins/*"]),
    ("aws-smithy-eventstream", &["crates/wire", "crates/testkit"]),
    ("axum", &["crates/admin", "crates/cli", "crates/dashboard", "crates/http", "crates/server"]),
    ("clap", &["crates/cli"]),
    ("figment", &["crates/config"]),
    ("governor", &["crates/shared-state"]),
    ("httparse", &["crates/scripted", "crates/transport"]),
    ("jsonwebtoken", &["crates/access"]),
    ("libtest-mimic", &["crates/testkit"]),
    ("moka", &["crates/shared-state"]),
    ("opentelemetry", &["crates/telemetry"]),
    ("opentelemetry-otlp", &["crates/telemetry"]),
    ("opentelemetry_sdk", &["crates/telemetry"]),
    ("prometheus-client", &["crates/metrics"]),
    ("redis", &["crates/shared-state"]),
    ("reqwest", &["crates/transport"]),
    ("rmcp", &["crates/mcp"]),
    ("rust-embed", &["crates/dashboard"]),
    ("serde-saphyr", &["crates/cli", "crates/config"]),
    ("sqlx", &["crates/store"]),
    ("tiktoken-rs", &["crates/tokenizer"]),
    ("tracing-subscriber", &["crates/cli", "crates/server", "crates/telemetry"]),
    ("utoipa", &["crates/admin"]),
];

/// Paths that open a connection.
const CLIENT: &[&str] = &["hyper::client", "hyper_util::client"];
/// Who may.
const CLIENT_OWNER: &str = "crates/transport/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = direct(tree);
    for source in tree.sources().iter().filter(|source| !source.path.starts_with(CLIENT_OWNER)) {
        let uses = source.lines().filter(|(_, line)| {
            let code = line.split("//").next().unwrap_or_default();
            CLIENT.iter().any(|client| code.contains(client))
        });
        found.extend(uses.filter(|_| !source.path.starts_with("xtask/")).map(|(number, _)| {
            let message = "hyper's client belongs to crates/transport: go through `Upstream` or \
                           `Transport`";
            Finding::new(&source.path, number, message)
        }));
    }
    found.extend(undenied(tree));
    found
}

fn direct(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in tree.crates().iter().filter(|member| member.room() != "xtask") {
        for dependency in member.dependencies.iter().filter(|d| d.kind != Kind::Dev) {
            let owners = OWNERS.iter().find(|(name, _)| *name == dependency.name);
            if let Some((name, owners)) = owners
                && !owners.iter().any(|owner| is_in(&member.folder, owner))
            {
                let message = format!("`{name}` belongs to {}", owners.join(", "));
                found.push(Finding::at(&member.path, &member.text, name, message));
            }
        }
    }
    found
}

fn is_in(folder: &str, owner: &str) -> bool {
    owner.strip_suffix('*').map_or(folder == owner, |room| folder.starts_with(room))
}

/// Owned dependencies that a crate of ours names and `deny.toml` does not watch.
fn undenied(tree: &Tree) -> Vec<Finding> {
    let deny: Table = tree.text("deny.toml").unwrap_or_default().parse().unwrap_or_default();
    let watched = deny.get("bans").and_then(|bans| bans.get("deny")).and_then(Value::as_array);
    let watched: Vec<_> = watched
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("wrappers").is_some())
        .filter_map(|entry| entry.get("crate")?.as_str())
        .collect();
    let lines = tree.crates().iter().flat_map(|member| &member.dependencies);
    let named: Vec<_> = lines.map(|line| line.name.as_str()).collect();
    let missing = OWNERS.iter().map(|(name, _)| *name);
    let missing = missing.filter(|name| named.contains(name) && !watched.contains(name));
    missing
        .map(|name| {
            let message = format!("`bans.deny` needs an entry for `{name}` with its `wrappers`");
            Finding::new("deny.toml", 1, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owned_dependency_elsewhere_is_found() {
        let engine = "[package]\nname = \"ferro-engine\"\n[dependencies]\nreqwest.workspace = true\n\
                      [dev-dependencies]\naxum.workspace = true\n";
        let tree = Tree::of(&[
            ("deny.toml", "[bans]\ndeny = [{ crate = \"axum\", wrappers = [\"ferro-http\"] }]\n"),
            ("crates/engine/Cargo.toml", engine),
            ("crates/engine/src/a.rs", "//! A.\nuse hyper::client::conn::http1;\n"),
            ("crates/transport/src/a.rs", "//! A.\nuse hyper::client::conn::http1;\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert_eq!(found[0], "crates/engine/Cargo.toml:4: `reqwest` belongs to crates/transport");
        assert!(found[1].starts_with("crates/engine/src/a.rs:2: hyper's client"));
        assert!(found[2].contains("entry for `reqwest`"));
    }
}
