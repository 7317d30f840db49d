//! Which requests go which way.

use serde::{Deserialize, Serialize};

use super::{Strategy, unset};

/// A way through the gateway: some requests, the targets that they may go to, and the order in which
/// those are asked. What no route takes goes by the strategy and the targets of the top level.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Route {
    /// Its name, which no other route and no target has.
    pub name: String,
    /// What must hold for a request to go this way: all of it. The first route whose conditions hold
    /// takes the request; one without any is reached from other routes only.
    #[serde(skip_serializing_if = "unset")]
    pub when: Vec<When>,
    /// In which order its targets are asked. Its rules and variants name some of `targets`.
    pub strategy: Strategy,
    /// Who can be asked: names of targets, and of other routes, which are asked as they would be.
    pub targets: Vec<String>,
}

/// Something that must hold for a request.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// What it looks at: `model` (the whole name, after aliases), `model_prefix`, `user`, `key` (the
    /// access key's name), `header:<name>` or `metadata:<name>`.
    pub key: String,
    /// What that must be.
    pub value: String,
}
