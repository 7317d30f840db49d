//! Who can be asked.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{CircuitBreaker, Concurrency, Prices, Retry, Timeouts, unset};
use crate::{Opaque, SecretRef, UrlRef};

/// A target: a named instance of a kind of provider.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// Its name; the kind of provider too, unless `provider` says otherwise.
    pub virtual_key: String,
    /// The kind of provider.
    #[serde(skip_serializing_if = "unset")]
    pub provider: Option<String>,
    /// Its API root; the kind's own unless said.
    #[serde(skip_serializing_if = "unset")]
    pub base_url: Option<UrlRef>,
    /// Its key; from the kind's environment variable unless said.
    #[serde(skip_serializing_if = "unset")]
    pub api_key: Option<SecretRef>,
    /// Several keys, instead of `api_key`.
    #[serde(skip_serializing_if = "unset")]
    pub keys: Vec<Key>,
    /// Headers that every request to it carries.
    #[serde(skip_serializing_if = "unset")]
    pub headers: BTreeMap<String, SecretRef>,
    /// Its share of the traffic: 1 unless said, 0 for none.
    #[serde(skip_serializing_if = "unset")]
    pub weight: Option<f64>,
    /// Models that it has besides those it is known or found to have, by their exact names.
    #[serde(skip_serializing_if = "unset")]
    pub models: Vec<String>,
    /// How often it is asked again; once in all unless said.
    #[serde(skip_serializing_if = "unset")]
    pub retry: Option<Retry>,
    /// When it is left alone for a while.
    #[serde(skip_serializing_if = "unset")]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// How many calls it gets at once.
    #[serde(skip_serializing_if = "unset")]
    pub concurrency: Option<Concurrency>,
    /// How long it may take.
    #[serde(skip_serializing_if = "unset")]
    pub timeouts: Timeouts,
    /// How long it may take until the first event of a stream, before the next target is asked;
    /// `stream.ttft_timeout` unless said.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub ttft_timeout: Option<Duration>,
    /// What its models charge, by name; `*` for any other.
    #[serde(skip_serializing_if = "unset")]
    pub prices: BTreeMap<String, Prices>,
    /// Settings that its provider understands.
    #[serde(skip_serializing_if = "unset")]
    pub settings: Opaque,
}

impl Target {
    /// A target with nothing but a name.
    pub fn new(virtual_key: impl Into<String>) -> Self {
        Self { virtual_key: virtual_key.into(), ..Self::default() }
    }

    /// The kind of provider.
    pub fn kind(&self) -> &str {
        self.provider.as_deref().unwrap_or(&self.virtual_key)
    }
}

/// One of several keys.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Key {
    /// The key.
    pub key: SecretRef,
    /// Its share of the target's calls: 1 unless said, 0 for none.
    #[serde(skip_serializing_if = "unset")]
    pub weight: Option<f64>,
}
