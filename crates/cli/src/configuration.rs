//! Configurations as commands see them: read, and checked as the gateway itself will. Every call
//! into the configuration's own crate stands here.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use ferro_config::UrlRef;
use ferro_core::Registry;
use ferro_gateway::{Config, Diagnostic, Strictness};
use serde_json::Value;

use crate::{Environment, gateway};

/// What a check found.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Findings {
    /// What has to be mended, one text each: a line, or a line and an excerpt of the file.
    pub(crate) errors: Vec<String>,
    /// What may be meant otherwise, or is missing on this machine.
    pub(crate) warnings: Vec<String>,
    /// Keys that are understood and do nothing yet.
    pub(crate) inactive: Vec<String>,
}

impl Findings {
    /// Nothing but mistakes.
    pub(crate) fn of(errors: Vec<String>) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Reads a file, or says everything that is wrong with it, and what is odd besides. A file that cannot
/// be used may name kinds of providers, too, that this build does not have.
pub(crate) fn load(file: &Path, is_strict: bool, registry: &Registry) -> Result<Config, Findings> {
    let strictness = if is_strict { Strictness::Strict } else { Strictness::Lenient };
    Config::load_with(file, strictness).map_err(|error| {
        let (errors, warnings): (Vec<_>, Vec<_>) =
            error.diagnostics().iter().partition(|found| found.is_error());
        let told = |found: Vec<&Diagnostic>| found.iter().map(|f| told(&f.to_string())).collect();
        if errors.is_empty() {
            return Findings::of(vec![error.to_string()]);
        }
        let kinds = error.readable().map(|config| unknown_kinds(config, registry));
        let errors = [told(errors), kinds.unwrap_or_default()].concat();
        Findings { warnings: told(warnings), ..Findings::of(errors) }
    })
}

/// What the gateway would say about a configuration. What only this machine's environment lacks is
/// a warning: the file may be meant for another.
pub(crate) fn check(config: &Config, registry: &Registry, environment: &Environment) -> Findings {
    let named = config.variables();
    let references = named.iter().map(|reference| reference.variable.clone());
    let wanted: BTreeSet<String> = required(registry).chain(references).collect();
    let own = Arc::clone(environment);
    // Whatever is required and missing, as it might be on another machine: good as a key, as the
    // name of an account, and as that of a host.
    let complete: Environment = Arc::new(move |name| {
        let set = own(name).filter(|value| !value.is_empty());
        set.or_else(|| wanted.contains(name).then(|| "elsewhere".to_owned()))
    });
    let mut errors = complaints(config, registry, &complete);
    for unknown in unknown_kinds(config, registry) {
        // Where something else is wrong, nobody may have come so far as to say this too.
        if !errors.contains(&unknown) {
            errors.push(unknown);
        }
    }
    let here = complaints(config, registry, environment);
    let mut warnings = warnings(config);
    warnings.extend(here.into_iter().filter(|line| !errors.contains(line)));
    warnings.extend(gateway::doubts(config));
    // Building a target ends at the first variable that is missing.
    let is_set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
    for missing in named.iter().filter(|reference| !is_set(&reference.variable)) {
        let shown = config.diagnostic(&missing.path, missing.to_string()).to_string();
        let shown = told(&shown);
        if !warnings.contains(&shown) {
            warnings.push(shown);
        }
    }
    Findings { errors, warnings, inactive: inactive(config) }
}

/// A configuration as it may be shown to anybody: references to variables stay, secrets do not.
pub(crate) fn written(config: &Config) -> Value {
    serde_json::to_value(config).expect("a configuration has names for keys and finite numbers")
}

/// What may be meant otherwise in a configuration that works.
pub(crate) fn warnings(config: &Config) -> Vec<String> {
    config.warnings().iter().map(|found| told(&found.to_string())).collect()
}

/// An address without the password that may stand in it.
pub(crate) fn shown_address(url: &str) -> String {
    format!("{:?}", UrlRef::from(url))
}

/// What was found, without the word for how bad it is, which is ours to say.
pub(crate) fn told(found: &str) -> String {
    let bare = found.strip_prefix("error: ").or_else(|| found.strip_prefix("warning: "));
    bare.unwrap_or(found).to_owned()
}

/// Keys that are understood and do nothing yet.
pub(crate) fn inactive(config: &Config) -> Vec<String> {
    let inactive = config.inactive().into_iter();
    inactive.map(|inactive| format!("{}: {}", inactive.path, inactive.what)).collect()
}

/// The plugins that a configuration lists, and whether each is on.
pub(crate) fn plugins(config: &Config) -> Vec<(String, bool)> {
    config.plugins.iter().map(|plugin| (plugin.name.clone(), plugin.enabled)).collect()
}

/// What keeps a gateway from being built, or from asking some target.
fn complaints(config: &Config, registry: &Registry, environment: &Environment) -> Vec<String> {
    match gateway::build(gateway::builder(config.clone(), registry, environment)) {
        Ok(built) => gateway::skipped(&built),
        Err(errors) => errors,
    }
}

/// Kinds of providers that this build does not have.
fn unknown_kinds(config: &Config, registry: &Registry) -> Vec<String> {
    let mut unknown = Vec::new();
    for (index, target) in config.targets.iter().enumerate() {
        let provider = format!("targets[{index}].provider");
        let is_lost = target.provider.is_none() && config.position(&provider).is_some();
        if is_lost || target.kind().is_empty() {
            continue; // that is said already
        }
        if let Err(error) = registry.provider(target.kind()) {
            let name = format!("targets[{index}].virtual_key");
            let path = if target.provider.is_some() { provider } else { name };
            unknown.push(told(&config.diagnostic(&path, error.to_string()).to_string()));
        }
    }
    unknown
}

/// The variables without which some provider of this build cannot be used.
fn required(registry: &Registry) -> impl Iterator<Item = String> {
    let described = registry.provider_factories().iter().map(|factory| factory.describe());
    described
        .flat_map(|description| description.env)
        .filter(|variable| variable.required)
        .map(|variable| variable.name.to_owned())
}
