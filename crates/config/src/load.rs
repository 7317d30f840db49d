//! Reads a file, and checks what it says.

use std::{fs, path::Path};

use ferro_core::{Registry, Vars};
use figment::{
    Figment,
    providers::{Format as _, Json},
};
use serde_saphyr::figment::Yaml;

use crate::{Config, Strategy, Target};

/// How a configuration is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// What is wrong, in words.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Config {
    /// Reads a file; its name says how it is written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => Format::Yaml,
            Some("json") => Format::Json,
            other => {
                let message = format!(
                    "unsupported config file extension {other:?}: use .json, .yaml, or .yml"
                );
                return Err(ConfigError(message));
            }
        };
        let fail =
            |error: &dyn std::fmt::Display| ConfigError(format!("{}: {error}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| fail(&error))?;
        Self::parse(&text, format).map_err(|error| fail(&error))
    }

    /// Reads a text.
    pub fn parse(text: &str, format: Format) -> Result<Self, ConfigError> {
        let figment = match format {
            Format::Yaml => Figment::from(Yaml::string(text)),
            Format::Json => Figment::from(Json::string(text)),
        };
        figment.extract().map_err(|error| ConfigError(error.to_string()))
    }

    /// Without a file: every provider that the environment configures, in the order in which the
    /// build lists them, one after the other.
    pub fn from_environment(registry: &Registry, vars: Vars<'_>) -> Self {
        let configured = registry.provider_factories().iter().map(|factory| factory.describe());
        let targets = configured
            .filter(|description| description.is_configured(vars))
            .map(|d| Target { virtual_key: d.kind.to_owned(), ..Target::default() })
            .collect();
        let strategy = Strategy { mode: "fallback".to_owned() };
        Self { strategy, targets, ..Self::default() }
    }

    /// Everything that is wrong with it, all at once.
    pub fn validate(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !ferro_strategies::MODES.contains(&self.strategy.mode.as_str()) {
            wrong.push(format!(
                "strategy.mode: `{}` is not served; this build has {}",
                self.strategy.mode,
                ferro_strategies::MODES.join(", ")
            ));
        }
        for (index, target) in self.targets.iter().enumerate() {
            if target.virtual_key.is_empty() {
                wrong.push(format!("targets[{index}].virtual_key: it must not be empty"));
            }
            if self.targets[..index].iter().any(|other| other.virtual_key == target.virtual_key) {
                wrong.push(format!(
                    "targets[{index}].virtual_key: `{}` is taken",
                    target.virtual_key
                ));
            }
            if target.weight.is_some_and(|weight| weight < 0.0 || !weight.is_finite()) {
                wrong.push(format!("targets[{index}].weight: it must not be negative"));
            }
        }
        for (alias, meant) in &self.aliases {
            if alias.is_empty() || meant.is_empty() || self.aliases.contains_key(meant) {
                wrong.push(format!("aliases.{alias}: an alias names a model, not `{meant}`"));
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "strategy: {mode: fallback}\ntargets:\n  - virtual_key: openai\n    retry: {attempts: 3, on_status_codes: [429]}\naliases: {fast: gpt-4o-mini}\n";
        let json = r#"{"strategy":{"mode":"fallback"},"targets":[{"virtual_key":"openai","retry":{"attempts":3,"on_status_codes":[429]}}],"aliases":{"fast":"gpt-4o-mini"}}"#;
        let yaml = Config::parse(yaml, Format::Yaml).unwrap();
        assert_eq!(yaml, Config::parse(json, Format::Json).unwrap());
        assert!(yaml.validate().is_empty());
    }

    #[test]
    fn several_mistakes_are_reported_together() {
        let text = "strategy: {mode: roulette}\ntargets: [{virtual_key: a, weight: -1}, {virtual_key: a}]\naliases: {a: b, b: c}\n";
        let wrong = Config::parse(text, Format::Yaml).unwrap().validate();
        assert_eq!(wrong.len(), 4, "{wrong:?}");
    }
}
