//! What an operator may say about a target beside its key and its place.

use ferro_dialect_anthropic::{Budgets, Profile};
use serde::Deserialize;

/// A target's own settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Own {
    /// The version of the wire.
    version: Option<String>,
    /// Beta features that every request asks for.
    betas: Vec<String>,
    /// How much a model may think, where that is said in tokens.
    thinking_budgets: Scale,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Scale {
    low: Option<u64>,
    medium: Option<u64>,
    high: Option<u64>,
    xhigh: Option<u64>,
    max: Option<u64>,
}

impl Own {
    /// The host as the operator describes it.
    pub(crate) fn profile(self) -> Profile {
        let (usual, said) = (Budgets::default(), self.thinking_budgets);
        let budgets = Budgets {
            low: said.low.unwrap_or(usual.low),
            medium: said.medium.unwrap_or(usual.medium),
            high: said.high.unwrap_or(usual.high),
            xhigh: said.xhigh.unwrap_or(usual.xhigh),
            max: said.max.unwrap_or(usual.max),
        };
        let version = self.version.unwrap_or_else(|| Profile::VERSION.to_owned());
        Profile::anthropic().with_version(version).with_betas(self.betas).with_budgets(budgets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(json: &str) -> Profile {
        serde_json::from_str::<Own>(json).unwrap().profile()
    }

    #[test]
    fn an_operator_changes_what_he_names_and_nothing_else() {
        let said =
            profile(r#"{"version":"2026-10-21","betas":["a-1"],"thinking_budgets":{"high":9000}}"#);
        assert_eq!((&*said.version, &*said.betas), ("2026-10-21", &["a-1".to_owned()][..]));
        assert_eq!(said.budgets, Budgets { high: 9000, ..Budgets::default() });
        assert_eq!(profile("{}").version, "2023-06-01");
    }
}
