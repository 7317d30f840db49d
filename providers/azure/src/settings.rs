//! A target's own settings.

use std::collections::BTreeMap;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Credential, CredentialSource, Secret, StaticCredential,
};
use serde::Deserialize;

use crate::entra::{Entra, EntraSource};

/// Settings of a resource of Azure OpenAI.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OpenAiSettings {
    /// The deployment of every model that is not mapped.
    pub(crate) deployment: Option<String>,
    /// Models, each with its deployment.
    pub(crate) deployments: BTreeMap<String, String>,
    /// The API's version.
    pub(crate) api_version: Option<String>,
    /// Tokens instead of a key.
    pub(crate) entra: Option<Entra>,
}

/// Settings of a Foundry resource.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FoundrySettings {
    /// Taken for older configurations: the v1 API has no version.
    pub(crate) api_version: Option<String>,
    /// Deployments whose names do not tell which wire they speak.
    pub(crate) wires: BTreeMap<String, Wired>,
    /// Tokens instead of a key.
    pub(crate) entra: Option<Entra>,
}

/// A wire that Foundry's models speak.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wired {
    /// OpenAI's.
    Openai,
    /// Anthropic's.
    Anthropic,
    /// Cohere's.
    Cohere,
}

/// What a kind is shown, and by which names an operator says it.
pub(crate) struct Shown {
    pub(crate) kind: &'static str,
    /// The variable that holds the key.
    pub(crate) key: &'static str,
    /// What tokens are for, unless an operator says otherwise.
    pub(crate) scope: &'static str,
}

impl Shown {
    /// Where the credential comes from: Entra ID where the target says so, else the key, else Entra
    /// ID where the environment can.
    pub(crate) fn source(
        &self,
        cx: &BuildContext<'_>,
        entra: Option<Entra>,
    ) -> Result<std::sync::Arc<dyn CredentialSource>, BuildError> {
        if let Some(entra) = entra {
            return Ok(std::sync::Arc::new(EntraSource::of(entra, self.scope, cx)?));
        }
        if let Some(key) = cx.api_key.cloned().or_else(|| cx.var(self.key).map(Secret::new)) {
            let key = ApiKey::new(key).ok_or_else(|| {
                BuildError::new("the key holds a character that no HTTP header may carry")
            })?;
            return Ok(std::sync::Arc::new(StaticCredential(Credential::ApiKey(key))));
        }
        if Entra::is_in_environment(cx) {
            return Ok(std::sync::Arc::new(EntraSource::of(Entra::default(), self.scope, cx)?));
        }
        let Self { kind, key, .. } = self;
        Err(BuildError::new(format!(
            "`{kind}` needs the variable {key}, or `api_key` in its target, or `entra` in its \
             settings"
        )))
    }
}
