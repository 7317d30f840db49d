//! Why a model stopped.

use serde::{Deserialize, Serialize};

/// Why a model stopped, in the words of the chat wire.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finish {
    /// It was done.
    Stop,
    /// It reached a ceiling.
    Length,
    /// It wants a tool to be run.
    #[serde(alias = "function_call")]
    ToolCalls,
    /// A filter of the vendor's intervened.
    ContentFilter,
    /// Something for which the wire has no word.
    #[serde(other)]
    Other,
}
