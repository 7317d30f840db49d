//! What an operator may say about a target besides where it lives.

use serde::Deserialize;

use crate::model::Family;

/// A target's own settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Own {
    /// The region, which goes before any variable.
    pub(crate) region: Option<String>,
    /// Whether the hosts are those whose cryptography is validated (FIPS).
    #[serde(default)]
    pub(crate) use_fips: bool,
    /// Whether the hosts are those that are reached by IPv6 too.
    #[serde(default)]
    pub(crate) use_dualstack: bool,
    /// The profile, which goes before `AWS_PROFILE`.
    pub(crate) profile: Option<String>,
    /// Whose model it is where its ARN does not tell.
    pub(crate) family: Option<Family>,
    /// Where models are listed, for a target with a base URL of its own.
    pub(crate) control_base_url: Option<String>,
    /// What every request is watched by, unless it names its own.
    pub(crate) guardrail: Option<Guardrail>,
}

/// A guardrail of the operator's account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guardrail {
    /// Its name or ARN.
    pub(crate) identifier: String,
    /// Its version, or `DRAFT`.
    pub(crate) version: String,
    /// Whether replies say what it did: `enabled`, `enabled_full`, `disabled`.
    pub(crate) trace: Option<String>,
}
