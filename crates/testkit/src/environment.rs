//! A provider built from an environment that is made up, through its own factory.

use std::collections::BTreeMap;

use ferro_core::{
    BuildContext, BuildError, Built, Description, ProviderFactory, Secret, Settings, TargetId,
};
use http::HeaderMap;

/// The key that providers are given. It is in no fixture and in no request, so wherever it turns up,
/// somebody put it there.
pub(crate) const SECRET: &str = "conformance-7f3a9c51d2e8-secret";
/// Where a provider is told to be that has no place of its own.
pub(crate) const PLACE: &str = "https://conformance.example";

/// What a provider is built from.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    vars: BTreeMap<&'static str, String>,
    base_url: Option<String>,
    has_key: bool,
    settings: Settings,
}

impl Environment {
    /// Everything that `description` says is required.
    pub(crate) fn complete(description: &Description) -> Self {
        let required = description.env.iter().filter(|var| var.required);
        let vars: BTreeMap<_, _> = required.map(|var| (var.name, value(var.name))).collect();
        let has_place = !description.base_url.is_empty() || vars.values().any(|v| v == PLACE);
        Self {
            base_url: (!has_place).then(|| format!("{PLACE}/v1")),
            has_key: !vars.values().any(|v| v == SECRET),
            vars,
            settings: Settings::default(),
        }
    }

    pub(crate) fn with_var(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.vars.insert(name, value.into());
        self
    }

    pub(crate) fn without_var(mut self, name: &str) -> Self {
        self.vars.remove(name);
        self
    }

    pub(crate) fn with_base_url(self, url: Option<String>) -> Self {
        Self { base_url: url, ..self }
    }

    pub(crate) fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Every key that the variables hold, followed by something that no header may carry.
    pub(crate) fn with_broken_keys(mut self) -> Self {
        for value in self.vars.values_mut().filter(|value| *value == SECRET) {
            value.push('\n');
        }
        self
    }

    /// Builds a provider. The process's own environment plays no part.
    pub(crate) fn build(&self, factory: &dyn ProviderFactory) -> Result<Built, BuildError> {
        let (target, headers) = (TargetId::from("conformance"), HeaderMap::new());
        let key = self.has_key.then(|| Secret::new(SECRET));
        let vars = |name: &str| self.vars.get(name).cloned();
        let cx = BuildContext::new(&target, &headers, &vars)
            .with_base_url(self.base_url.as_deref())
            .with_api_key(key.as_ref());
        factory.build(&cx, self.settings.clone())
    }
}

/// A value for a variable, by what such variables hold.
fn value(name: &str) -> String {
    let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if is(&["HOST", "ENDPOINT", "_URL"]) {
        PLACE.to_owned()
    } else if is(&["KEY", "TOKEN", "SECRET"]) {
        SECRET.to_owned()
    } else {
        "conformance".to_owned()
    }
}
