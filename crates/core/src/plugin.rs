//! A named piece of policy: an identity plus the places where it stands.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{BuildError, Guard, Observer, Settings, Tap, Vars};

/// A piece of policy. The place where a part of it stands decides what its failure means: a
/// [`Guard`] that breaks closes the gate, an [`Observer`] cannot break at all.
pub trait Plugin: Send + Sync + 'static {
    /// Its name, for errors, records and metrics.
    fn name(&self) -> &str;

    /// Stands before the upstream is asked.
    fn guard(&self) -> Option<&dyn Guard> {
        None
    }

    /// Sees the reply pass.
    fn tap(&self) -> Option<&dyn Tap> {
        None
    }

    /// Learns how the request ended.
    fn observer(&self) -> Option<&dyn Observer> {
        None
    }
}

/// Where an operator listed a plugin.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Before the upstream is asked: its guard stands.
    BeforeRequest,
    /// When the reply comes: its tap and its observer stand.
    AfterRequest,
    /// When a request fails: its observer stands, for failures only.
    OnError,
}

/// What a plugin's factory is told besides the settings.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct PluginContext<'a> {
    /// Where the operator listed it. One that is listed at several stages is built for each.
    pub stage: Stage,
    /// The environment.
    pub vars: Vars<'a>,
}

impl<'a> PluginContext<'a> {
    /// What a factory is told of a plugin at `stage`.
    pub fn new(stage: Stage, vars: Vars<'a>) -> Self {
        Self { stage, vars }
    }
}

/// Builds one kind of plugin. A plugin crate exports `pub static PLUGINS: &[&dyn PluginFactory]`.
pub trait PluginFactory: Sync {
    /// The word that selects it in a configuration file.
    fn name(&self) -> &'static str;

    /// Builds the plugin that an operator configured. Opens nothing.
    fn build(
        &self,
        cx: &PluginContext<'_>,
        settings: Settings,
    ) -> Result<Arc<dyn Plugin>, BuildError>;
}
