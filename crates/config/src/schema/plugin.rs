//! A piece of policy.

use ferro_core::Stage;
use serde::{Deserialize, Serialize};

use super::unset;
use crate::Opaque;

/// A piece of policy at a stage of the request.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plugin {
    /// Which plugin.
    pub name: String,
    /// What sort of plugin it is, for the reader: nothing depends on it.
    #[serde(rename = "type", skip_serializing_if = "unset")]
    pub sort: String,
    /// Where it stands: `before_request` unless said.
    pub stage: Stage,
    /// Whether it is on: off unless said.
    pub enabled: bool,
    /// Settings that the plugin understands.
    #[serde(skip_serializing_if = "unset")]
    pub config: Opaque,
}

impl Default for Plugin {
    fn default() -> Self {
        Self {
            name: String::new(),
            sort: String::new(),
            stage: Stage::BeforeRequest,
            enabled: false,
            config: Opaque::default(),
        }
    }
}
