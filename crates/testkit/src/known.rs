//! Failures that are known: listed, dated by the list's history, and stale as soon as they pass.

use std::{collections::BTreeMap, fs, path::Path};

/// The failures that a crate admits to: one trial a line, `*` standing for any kind; what follows a
/// `#` is for people. A listed trial that passes is an error, so the list only shrinks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    patterns: Vec<String>,
}

impl Known {
    /// Reads a list; none is an empty one.
    pub(crate) fn load(file: &Path) -> Self {
        Self::parse(&fs::read_to_string(file).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        Self { patterns: lines.filter(|line| !line.is_empty()).map(str::to_owned).collect() }
    }

    /// The entry that names a trial.
    pub(crate) fn entry(&self, trial: &str) -> Option<&str> {
        self.patterns.iter().map(String::as_str).find(|pattern| matches(pattern, trial))
    }

    /// Entries that name none of these trials.
    pub(crate) fn strays<'a>(&self, trials: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for trial in trials {
            if let Some(entry) = self.entry(trial) {
                *uses.entry(entry).or_default() += 1;
            }
        }
        let unused = self.patterns.iter().filter(|pattern| !uses.contains_key(pattern.as_str()));
        unused.cloned().collect()
    }
}

fn matches(pattern: &str, trial: &str) -> bool {
    match (pattern.strip_prefix("*::"), trial.split_once("::")) {
        (Some(pattern), Some((_, trial))) => pattern == trial,
        _ => pattern == trial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_one_trial_or_every_kinds() {
        let known = Known::parse("# why\nacme::chat::a_law # since then\n*::chat::b_law\n");
        assert_eq!(known.entry("acme::chat::a_law"), Some("acme::chat::a_law"));
        assert_eq!(known.entry("other::chat::a_law"), None);
        assert_eq!(known.entry("other::chat::b_law"), Some("*::chat::b_law"));
        let trials = ["acme::chat::a_law", "acme::chat::c_law"];
        assert_eq!(known.strays(trials.into_iter()), ["*::chat::b_law"]);
    }
}
