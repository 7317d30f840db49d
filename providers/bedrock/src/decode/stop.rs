//! Why Converse says that a model stopped.

use ferro_core::Finish;

/// The reason in our words. `calls` says whether the client has a tool to run: a model that stopped
/// for the tool that stands for its answer is done.
pub(super) fn finish(native: &str, calls: bool) -> Finish {
    match native {
        "tool_use" | "end_turn" | "stop_sequence" if calls => Finish::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "content_filtered" | "guardrail_intervened" => Finish::ContentFilter,
        // `end_turn`, `stop_sequence`, an answer by a tool; output that Bedrock could not read, of
        // which the client has what there was; and what nobody knows yet.
        _ => Finish::Stop,
    }
}
