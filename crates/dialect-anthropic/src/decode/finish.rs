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
    let details =
        ending.stop_details.map(|json| serde_json::from_str::<StopDetails<'_>>(json.get()));
    let details = details.and_then(Result::ok).unwrap_or_default();
    let explained = details.explanation.as_deref().filter(|words| !words.is_empty());
    Some(match (explained, details.category.as_deref()) {
        (Some(words), _) => words.to_owned(),
        (None, Some(category)) => {
            format!("The reply was stopped by the vendor's policy: {category}.")
        }
        (None, None) => "The reply was stopped by the vendor's policy.".to_owned(),
    })
}

/// What the vendor says of a reply that is no part of it, as it came.
#[derive(Debug, Default)]
pub(super) struct Beside(Vec<(&'static str, Box<RawValue>)>);

impl Beside {
    /// Takes what is said, which goes before what was said earlier.
    pub(super) fn take(&mut self, said: &[Extra<'_>]) {
        for (name, json) in said {
            self.0.retain(|(known, _)| known != name);
            self.0.push((name, (*json).to_owned()));
        }
    }

    /// All of it: which end the reply met, which service gave it and where, what its own tools did.
    pub(super) fn list<'a>(&'a self, ending: &Ending<'a>, counts: &'a Counts) -> Vec<Extra<'a>> {
        let ends = [("stop_sequence", ending.stop_sequence), ("stop_details", ending.stop_details)];
        let ends = ends.into_iter().filter_map(|(name, json)| Some((name, json?)));
        let said = self.0.iter().map(|(name, json)| (*name, &**json));
        let all = ends.chain(counts.beside()).chain(said);
        all.filter(|(_, json)| json.get() != "null").collect()
    }
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
