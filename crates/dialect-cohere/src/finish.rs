//! Why a model stopped, in Cohere's words.

use ferro_core::{ErrorKind, Finish};

/// What a word for the end means: an end, or a failure that is told as one.
pub(crate) enum Ending {
    Finish(Finish),
    Failed(ErrorKind),
}

/// Reads a word. A reply that calls tools wants them run, whichever word ends it.
pub(crate) fn read(word: &str, calls_tools: bool) -> Ending {
    Ending::Finish(match word {
        "COMPLETE" | "STOP_SEQUENCE" if calls_tools => Finish::ToolCalls,
        "COMPLETE" | "STOP_SEQUENCE" => Finish::Stop,
        "MAX_TOKENS" | "ERROR_LIMIT" => Finish::Length,
        "TOOL_CALL" => Finish::ToolCalls,
        "ERROR_TOXIC" => Finish::ContentFilter,
        "ERROR" => return Ending::Failed(ErrorKind::Unavailable),
        "TIMEOUT" => return Ending::Failed(ErrorKind::Timeout),
        _ => Finish::Other,
    })
}
