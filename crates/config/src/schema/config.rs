//! The whole of a configuration.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    Compatibility, McpServer, Media, Observability, Plugin, RetryBudget, Route, Strategy, Stream,
    Target, unset,
};
use crate::Source;

/// A configuration: read from a file, from the environment, or put together by a program.
///
/// ```
/// use ferro_config::{Config, Mode, Strategy, Target};
///
/// let config = Config {
///     strategy: Strategy::new(Mode::Fallback),
///     targets: vec![Target::new("first"), Target::new("second")],
///     ..Config::default()
/// };
/// assert!(config.validate().is_empty());
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The format's version: `v1`, which is the only one. Another is warned about.
    #[serde(rename = "apiVersion", skip_serializing_if = "unset")]
    pub api_version: Option<String>,
    /// In which order targets are asked.
    pub strategy: Strategy,
    /// Who can be asked.
    pub targets: Vec<Target>,
    /// Which requests go another way than by `strategy` and all of `targets`.
    #[serde(skip_serializing_if = "unset")]
    pub routes: Vec<Route>,
    /// Policy, in the order in which it is applied.
    #[serde(skip_serializing_if = "unset")]
    pub plugins: Vec<Plugin>,
    /// Friendly names of models, and what they mean. Replaced before anything looks at the model.
    #[serde(skip_serializing_if = "unset")]
    pub aliases: BTreeMap<String, String>,
    /// Which model takes over from which where a prompt is too long for it, by their names after
    /// aliases.
    #[serde(skip_serializing_if = "unset")]
    pub context_fallback: BTreeMap<String, String>,
    /// How many retries all targets together get.
    #[serde(skip_serializing_if = "unset")]
    pub retry_budget: RetryBudget,
    /// Servers of tools.
    #[serde(skip_serializing_if = "unset")]
    pub mcp_servers: Vec<McpServer>,
    /// The largest request body, in bytes: 10485760 (10 MiB) unless said.
    #[serde(skip_serializing_if = "unset")]
    pub max_request_bytes: Option<usize>,
    /// The largest request body with files in it, in bytes: 26214400 (25 MiB) unless said, and no less
    /// than `max_request_bytes`.
    #[serde(skip_serializing_if = "unset")]
    pub max_upload_bytes: Option<u64>,
    /// The folder where such bodies lie that are larger than a mebibyte, until they were answered: the
    /// system's for temporary files unless said. Empty for none: then they are passed on as they
    /// arrive, and cannot be sent a second time.
    #[serde(skip_serializing_if = "unset")]
    pub spool_dir: Option<String>,
    /// How long a request that is not streamed may take in all; as long as it takes unless said.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub request_timeout: Option<Duration>,
    /// How streams begin and are kept open.
    #[serde(skip_serializing_if = "unset")]
    pub stream: Stream,
    /// Who is told what happened.
    #[serde(skip_serializing_if = "unset")]
    pub observability: Observability,
    /// What happens where a request asks for what its target cannot do.
    #[serde(skip_serializing_if = "unset")]
    pub compatibility: Compatibility,
    /// What is done with media that a request names by URL.
    #[serde(skip_serializing_if = "unset")]
    pub media: Media,
    /// The `virtual_key` of the target that files and batches go to.
    #[serde(skip_serializing_if = "unset")]
    pub batch_target: Option<String>,
    /// The `virtual_key` of the target that stored responses are looked up at.
    #[serde(skip_serializing_if = "unset")]
    pub responses_target: Option<String>,
    /// By what tokens are counted that a vendor has not counted: by the scripts of texts unless said, or by
    /// a vocabulary that the build has.
    #[serde(skip_serializing_if = "unset")]
    pub tokenizer: Option<String>,
    /// Where it was read. A configuration that a program puts together has the default.
    #[serde(skip)]
    pub source: Source,
}
