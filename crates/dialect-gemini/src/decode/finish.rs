//! Why a model stopped.

use ferro_core::Finish;

/// The vendor's word in the chat wire's. A model that has called functions says `STOP` as well.
pub(super) fn read(native: &str, has_called: bool) -> Finish {
    match native {
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        "STOP" if has_called => Finish::ToolCalls,
        // Also MALFORMED_FUNCTION_CALL, OTHER, NO_IMAGE, and what is not known yet: clients know few
        // words, and the vendor's own stands beside.
        _ => Finish::Stop,
    }
}
