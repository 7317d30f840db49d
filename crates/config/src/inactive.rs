//! What is accepted and does nothing yet: one list, which only ever shrinks.

use std::fmt;

use serde_json::Value;

use crate::{
    Config, Position,
    paths::{at, join},
};

/// What does nothing yet, and what that means. `[]` is any element of a list, `=word` is one value
/// of a key.
pub(crate) const INACTIVE: &[(&str, &str)] = &[
    ("plugins[].enabled", "plugins do not run: nothing is guarded, limited, cached or logged"),
    ("mcp_servers", "no server of tools is asked"),
    ("observability.tracing", "no trace is sent"),
    ("observability.exporters[].enabled", "nothing is exported"),
];

/// A key that a configuration uses and that does nothing yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inactive {
    /// Where it stands.
    pub path: String,
    /// Where in the file, when the configuration came from one.
    pub position: Option<Position>,
    /// What happens instead.
    pub what: &'static str,
}

impl Config {
    /// What it uses that this build accepts and does not serve yet: to be said at every start.
    pub fn inactive(&self) -> Vec<Inactive> {
        // Written out, a configuration has exactly the keys that are not at their defaults.
        let Ok(config) = serde_json::to_value(self) else { return Vec::new() };
        let mut found = Vec::new();
        for (pattern, what) in INACTIVE {
            let (path, word) =
                pattern.split_once('=').map_or((*pattern, None), |(p, w)| (p, Some(w)));
            let steps: Vec<_> = path.split('.').collect();
            let mut paths = Vec::new();
            uses(&config, &steps, String::new(), &mut paths);
            let says = |value: &Value| word.is_none_or(|word| value == word);
            for (path, _) in paths.into_iter().filter(|(_, value)| is_used(value) && says(value)) {
                let position = self.position(&path);
                found.push(Inactive { path, position, what });
            }
        }
        found
    }
}

/// Every value that `steps` lead to.
fn uses<'a>(value: &'a Value, steps: &[&str], path: String, found: &mut Vec<(String, &'a Value)>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push((path, value));
        return;
    };
    let key = step.trim_end_matches("[]");
    let Some(below) = value.get(key) else { return };
    let path = join(&path, key);
    match below.as_array().filter(|_| step.ends_with("[]")) {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                uses(item, rest, at(&path, index), found);
            }
        }
        None => uses(below, rest, path, found),
    }
}

/// Whether a key asks for anything: what is switched off does not.
fn is_used(value: &Value) -> bool {
    let is_off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
    !is_off(value) && !value.get("enabled").is_some_and(|enabled| enabled == false)
}

impl fmt::Display for Inactive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path)?;
        if let Some(position) = self.position {
            write!(f, " (line {})", position.line)?;
        }
        write!(f, " is not served yet: {}", self.what)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Format, Mode, Strategy};

    /// The list as it is now. It shrinks with every issue that brings one of these to work; nothing
    /// is ever added but with a key that is accepted before it is served.
    const NOW: &[&str] = &[
        "plugins[].enabled",
        "mcp_servers",
        "observability.tracing",
        "observability.exporters[].enabled",
    ];

    #[test]
    fn the_list_is_this_and_only_shrinks() {
        let names: Vec<_> = INACTIVE.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, NOW);
    }

    #[test]
    fn a_file_that_uses_everything_is_told_of_every_name() {
        let text = include_str!("../tests/fixtures/every-key.yaml");
        let mut config = Config::parse(text, Format::Yaml).unwrap();
        let mut told = BTreeSet::new();
        for mode in Mode::WORDS {
            config.strategy.mode = serde_json::from_value((*mode).into()).unwrap();
            told.extend(config.inactive().into_iter().map(|inactive| inactive.what));
        }
        let all: BTreeSet<_> = INACTIVE.iter().map(|(_, what)| *what).collect();
        assert_eq!(told, all);
    }

    #[test]
    fn what_is_switched_off_is_not_spoken_of() {
        let text = "strategy: {mode: fallback}\nplugins: [{name: a, enabled: false}]\n\
                    observability: {tracing: {enabled: false, service_name: x}}\n";
        let config = Config::parse(text, Format::Yaml).unwrap();
        assert_eq!(config.inactive(), []);
        assert_eq!(Config { strategy: Strategy::new(Mode::Single), ..config }.inactive(), []);
    }

    #[test]
    fn the_readme_names_what_is_inactive_and_nothing_else() {
        let readme = include_str!("../../../config/README.md");
        let section = readme.split("## Accepted, not served yet").nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let named: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("| `")).collect();
        let named: Vec<_> = named.iter().map(|line| line.split('`').next().unwrap()).collect();
        assert_eq!(named, NOW);
    }
}
