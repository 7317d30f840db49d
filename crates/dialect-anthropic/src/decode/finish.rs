//! Why a reply ended, and what the vendor says beside.

use ferro_core::Finish;
use serde_json::value::RawValue;

use super::wire::{Ending, StopDetails};
use crate::usage::Counts;

/// A member of a reply that says what no other does.
pub(super) type Extra<'a> = (&'static str, &'a RawValue);

/// The vendor's word in the words of the chat wire. `is_called`: whether the reply calls a tool of the
/// client's, and not only the one that stands for the reply itself.
pub(super) fn of(word: &str, is_called: bool) -> Finish {
    match word {
        "tool_use" if is_called => Finish::ToolCalls,
        // A turn that paused is over; who sends it back has it continued.
        "end_turn" | "stop_sequence" | "pause_turn" | "tool_use" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::ContentFilter,
        _ => Finish::Other,
    }
}

/// Why the model would not, if that is how it ended.
pub(super) fn refusal(ending: &Ending<'_>) -> Option<String> {
    if ending.stop_reason.as_deref() != Some("refusal") {
        return None;
    }
    let nothing = StopDetails::default();
    let details = ending.stop_details.as_ref().unwrap_or(&nothing);
    let explained = details.explanation.as_deref().filter(|words| !words.is_empty());
    Some(match (explained, details.category.as_deref()) {
        (Some(words), _) => words.to_owned(),
        (None, Some(category)) => {
            format!("The reply was stopped by the vendor's policy: {category}.")
        }
        (None, None) => "The reply was stopped by the vendor's policy.".to_owned(),
    })
}

/// What stands beside the reply: which end it met, which service gave it, what its own tools did.
pub(super) fn beside<'a>(
    ending: &Ending<'a>,
    counts: &'a Counts,
    container: Option<&'a RawValue>,
) -> Vec<Extra<'a>> {
    let found = [
        ("stop_sequence", ending.stop_sequence),
        ("service_tier", counts.service_tier.as_deref()),
        ("server_tool_use", counts.server_tool_use.as_deref()),
        ("container", container),
    ];
    let said = found.into_iter().filter_map(|(name, value)| Some((name, value?)));
    said.filter(|(_, value)| value.get() != "null").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_vendors_is_known() {
        for (word, finish) in [
            ("end_turn", Finish::Stop),
            ("stop_sequence", Finish::Stop),
            ("pause_turn", Finish::Stop),
            ("max_tokens", Finish::Length),
            ("model_context_window_exceeded", Finish::Length),
            ("tool_use", Finish::ToolCalls),
            ("refusal", Finish::ContentFilter),
            ("a new one", Finish::Other),
        ] {
            assert_eq!(of(word, true), finish, "{word}");
        }
        assert_eq!(of("tool_use", false), Finish::Stop);
    }
}
