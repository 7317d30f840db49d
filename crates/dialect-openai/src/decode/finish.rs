//! Why a model stopped, in the words of all vendors of this wire.
//!
//! The words pass to the client as they are; this is for the record, and for words that say that the
//! reply failed.

use std::borrow::Cow;

use ferro_core::{ErrorKind, Finish};

/// What a word says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// The model stopped.
    Finish(Finish),
    /// The reply failed.
    Failed(ErrorKind),
}

/// Reads a `finish_reason`; `None` where an empty one says that there is more to come.
pub(super) fn read(word: &str) -> Option<Ending> {
    let mut word = Cow::Borrowed(word.trim());
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        word.to_mut().make_ascii_lowercase();
    }
    (!word.is_empty()).then(|| ending(&word))
}

/// What a word in small letters says.
fn ending(word: &str) -> Ending {
    use Ending::{Failed, Finish as Finished};
    match word {
        "stop"
        | "end_turn"
        | "stop_sequence"
        | "complete"
        | "completed"
        | "eos"
        | "eos_token"
        | "finish"
        | "finished"
        | "stop_criteria_met"
        | "endoftext"
        | "done"
        | "pause_turn"
        | "load"
        | "unload"
        | "finish_reason_unspecified"
        | "other"
        | "malformed_function_call"
        | "no_image"
        | "image_other" => Finished(Finish::Stop),
        "length"
        | "max_tokens"
        | "model_length"
        | "model_context_window_exceeded"
        | "max_completion_tokens"
        | "max_output_tokens"
        | "context_length"
        | "content_length"
        | "error_limit" => Finished(Finish::Length),
        "tool_calls" | "tool_use" | "tool_call" | "function_call" => Finished(Finish::ToolCalls),
        "content_filter"
        | "content_filtered"
        | "refusal"
        | "safety"
        | "recitation"
        | "blocklist"
        | "prohibited_content"
        | "spii"
        | "language"
        | "image_safety"
        | "image_prohibited_content"
        | "image_recitation"
        | "error_toxic"
        | "guardrail_intervened"
        | "sensitive"
        | "unexpected_tool_call"
        | "too_many_tool_calls" => Finished(Finish::ContentFilter),
        "insufficient_system_resource" => Failed(ErrorKind::Overloaded),
        "timeout" => Failed(ErrorKind::Timeout),
        "error" | "network_error" => Failed(ErrorKind::Unavailable),
        _ => Finished(Finish::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_vendors_are_understood() {
        let finish = |word| match read(word) {
            Some(Ending::Finish(finish)) => finish,
            other => panic!("{word}: {other:?}"),
        };
        assert_eq!(finish("stop"), Finish::Stop);
        assert_eq!(finish("EOS"), Finish::Stop);
        assert_eq!(finish("model_length"), Finish::Length);
        assert_eq!(finish("function_call"), Finish::ToolCalls);
        assert_eq!(finish("sensitive"), Finish::ContentFilter);
        assert_eq!(finish("a new word"), Finish::Other);
        assert_eq!(read(" "), None);
    }

    #[test]
    fn some_words_say_that_the_reply_failed() {
        assert_eq!(read("error"), Some(Ending::Failed(ErrorKind::Unavailable)));
        let busy = read("insufficient_system_resource");
        assert_eq!(busy, Some(Ending::Failed(ErrorKind::Overloaded)));
    }
}
