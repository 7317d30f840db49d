//! How a provider comes to be: from a name and settings in a configuration, without any I/O.

use std::sync::Arc;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{CredentialSource, Origin, Provider, Secret, SurfaceKind, TargetId};

/// Builds one kind of provider. A provider crate exports `pub static PROVIDERS: &[&dyn
/// ProviderFactory]`; that slice is its whole registration.
pub trait ProviderFactory: Sync {
    /// What this kind is, for listings, documentation and errors.
    fn describe(&self) -> Description;

    /// Whether the environment alone says enough to use this kind. By default, where everything
    /// that the description requires is set: see [`Description::is_configured`].
    fn is_configured(&self, vars: Vars<'_>) -> bool {
        self.describe().is_configured(vars)
    }

    /// Builds the provider that an operator configured. Opens nothing.
    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError>;
}

/// What a kind of provider is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Description {
    /// The word that selects it in a configuration file. Never changes.
    pub kind: &'static str,
    /// The environment variables it reads.
    pub env: Vec<EnvVar>,
    /// Where it lives unless told otherwise; empty if it has to be told.
    pub base_url: &'static str,
    /// What it serves.
    pub surfaces: &'static [SurfaceKind],
    /// Whether an account has the models that were deployed in it, by whatever name: which those are
    /// only the account tells.
    pub is_deployed: bool,
}

impl Description {
    /// A kind of provider that reads no variable, has no address of its own, and serves `surfaces`.
    pub fn new(kind: &'static str, surfaces: &'static [SurfaceKind]) -> Self {
        Self { kind, env: Vec::new(), base_url: "", surfaces, is_deployed: false }
    }

    /// The same, for one whose accounts have the models that were deployed in them.
    pub fn with_deployments(self) -> Self {
        Self { is_deployed: true, ..self }
    }

    /// The same, for one that reads these variables.
    pub fn with_env(self, env: impl Into<Vec<EnvVar>>) -> Self {
        Self { env: env.into(), ..self }
    }

    /// The same, for one that lives here unless told otherwise.
    pub fn with_base_url(self, base_url: &'static str) -> Self {
        Self { base_url, ..self }
    }

    /// How it serves a surface; `None` if it does not.
    pub fn way(&self, surface: SurfaceKind) -> Option<Way> {
        let claims = |surface| self.surfaces.contains(&surface);
        let over = || surface.over().filter(|over| claims(*over)).map(Way::Over);
        if claims(surface) { Some(Way::Own) } else { over() }
    }

    /// Whether the environment alone says enough to use this kind: everything it requires is set,
    /// and it requires something.
    pub fn is_configured(&self, vars: Vars<'_>) -> bool {
        let mut required = self.env.iter().filter(|var| var.required).peekable();
        required.peek().is_some()
            && required.all(|var| vars(var.name).is_some_and(|v| !v.is_empty()))
    }
}

/// How a kind of provider serves a surface.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// It has it.
    Own,
    /// In the words of another that it has.
    Over(SurfaceKind),
}

/// An environment variable that a provider reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnvVar {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub meaning: &'static str,
    /// Whether the provider is unusable without it.
    pub required: bool,
}

impl EnvVar {
    /// A variable without which the provider is unusable.
    pub const fn required(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, required: true }
    }

    /// A variable that may be left out.
    pub const fn optional(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, required: false }
    }
}

/// The environment, as a function: factories never read the process's own.
pub type Vars<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a factory is told besides the settings.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct BuildContext<'a> {
    /// The target's name.
    pub target: &'a TargetId,
    /// The operator's base URL for this target, which goes before any variable.
    pub base_url: Option<&'a str>,
    /// The operator's key for this target, which goes before any variable.
    pub api_key: Option<&'a Secret>,
    /// Headers that the operator wants on every request to this target.
    pub headers: &'a HeaderMap,
    /// The models that the operator says this target has.
    pub models: &'a [String],
    /// The environment.
    pub vars: Vars<'a>,
}

impl<'a> BuildContext<'a> {
    /// What a factory is told of a target of which only the name is said.
    pub fn new(target: &'a TargetId, headers: &'a HeaderMap, vars: Vars<'a>) -> Self {
        Self { target, base_url: None, api_key: None, headers, models: &[], vars }
    }

    /// The same, where the operator says where it lives.
    pub fn with_base_url(self, base_url: Option<&'a str>) -> Self {
        Self { base_url, ..self }
    }

    /// The same, where the operator says its key.
    pub fn with_api_key(self, api_key: Option<&'a Secret>) -> Self {
        Self { api_key, ..self }
    }

    /// The same, where the operator says which models it has.
    pub fn with_models(self, models: &'a [String]) -> Self {
        Self { models, ..self }
    }

    /// A variable that is set to something.
    pub fn var(&self, name: &str) -> Option<String> {
        (self.vars)(name).filter(|value| !value.is_empty())
    }
}

/// A provider, with where it lives and how it is paid.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Built {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// Its origin: the only host that will see the credential.
    pub origin: Origin,
    /// Its other hosts, by name, which see the credential as well.
    pub others: Vec<(&'static str, Origin)>,
    /// Its credential.
    pub credentials: Arc<dyn CredentialSource>,
}

impl Built {
    /// A provider that lives at `origin` and is shown what `credentials` give.
    pub fn new(
        provider: Arc<dyn Provider>,
        origin: Origin,
        credentials: Arc<dyn CredentialSource>,
    ) -> Self {
        Self { provider, origin, others: Vec::new(), credentials }
    }

    /// The same, for a vendor of which something lives at another host.
    pub fn with_other(mut self, name: &'static str, origin: Origin) -> Self {
        self.others.push((name, origin));
        self
    }
}

/// A target's own settings, not yet typed: keys that only its provider understands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(pub Map<String, Value>);

impl Settings {
    /// Types the settings. Unknown keys are refused by a type with `deny_unknown_fields`.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, BuildError> {
        serde_json::from_value(Value::Object(self.0))
            .map_err(|e| BuildError::new(format!("settings: {e}")))
    }
}

/// Why something could not be built from its configuration.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// What is wrong, and what would be right.
    pub message: String,
}

impl BuildError {
    /// An error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}
