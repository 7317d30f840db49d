//! A server of tools.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::unset;
use crate::{SecretRef, UrlRef};

/// A server of tools, spoken to over HTTP (`url`) or as a child process (`command`).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct McpServer {
    /// Its name, which no other has.
    pub name: String,
    /// Where it listens.
    #[serde(skip_serializing_if = "unset")]
    pub url: Option<UrlRef>,
    /// Headers that every call to it carries.
    #[serde(skip_serializing_if = "unset")]
    pub headers: BTreeMap<String, SecretRef>,
    /// The program that is started.
    #[serde(skip_serializing_if = "unset")]
    pub command: Option<String>,
    /// The program's arguments.
    #[serde(skip_serializing_if = "unset")]
    pub args: Vec<SecretRef>,
    /// The program's environment, which is all it has: nothing is inherited.
    #[serde(skip_serializing_if = "unset")]
    pub env: BTreeMap<String, SecretRef>,
    /// The tools that may be used; all unless said.
    #[serde(skip_serializing_if = "unset")]
    pub allowed_tools: Vec<String>,
    /// Rounds of tool calls in one request: 5 unless said. The smallest of all servers counts. 0
    /// counts as 5.
    pub max_call_depth: u32,
    /// How long a call may take, in seconds: 30 unless said. 0 counts as 30.
    pub timeout_seconds: u64,
    /// Whether the gateway is ready only when this server is: no unless said.
    #[serde(skip_serializing_if = "unset")]
    pub required: bool,
}

impl Default for McpServer {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: None,
            headers: BTreeMap::new(),
            command: None,
            args: Vec::new(),
            env: BTreeMap::new(),
            allowed_tools: Vec::new(),
            max_call_depth: 5,
            timeout_seconds: 30,
            required: false,
        }
    }
}
