//! What each model takes, by its name: the one table that has to be kept up to date.
//!
//! Sources: the pages "Models overview", "Effort", "Adaptive thinking", "Extended thinking", "Structured
//! outputs", "Mid-conversation system messages" and "What's new" of <https://platform.claude.com/docs>,
//! and Amazon's page on adaptive thinking
//! (<https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html>), read
//! 2026-11-29. A ceiling that a price list knows goes before the one that stands here.

/// What a model takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Model {
    /// How its name begins.
    name: &'static str,
    /// Tokens that it writes at most.
    pub(crate) max_output: u64,
    pub(crate) thinking: Thinking,
    pub(crate) efforts: Efforts,
    pub(crate) sampling: Sampling,
    /// Whether a reply can be held to a schema.
    pub(crate) holds_to_schemas: bool,
    /// Whether a system message may stand behind a user's.
    pub(crate) takes_system_turns: bool,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Thinking {
    /// It cannot.
    No,
    /// With so many tokens.
    Budget,
    /// As much as it finds right; it shows what it thinks.
    Adaptive,
    /// The same, but it shows nothing unless asked.
    Hidden,
    /// The same, and it cannot be told not to.
    Always,
}

/// Which words for the effort a model knows besides `low`, `medium` and `high`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Efforts {
    /// None.
    UpToHigh,
    /// `max`.
    Max,
    /// `xhigh` and `max`.
    All,
}

/// Which of `temperature` and `top_p` (and with it `top_k`) a model takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sampling {
    /// Any.
    Any,
    /// One of the two.
    One,
    /// None.
    No,
}

use Efforts::{All, Max, UpToHigh};
use Sampling::{Any, One};
use Thinking::{Adaptive, Always, Budget, Hidden};

/// The longest name that fits counts.
const MODELS: &[Model] = &[
    // Of whom nothing is known: another vendor's model, or a deployment's own name.
    old("", 8192, Thinking::No).thinks(Budget),
    // A Claude that came after this table.
    new("claude-", 64_000, Hidden),
    old("claude-instant", 4096, Thinking::No),
    old("claude-2", 4096, Thinking::No),
    old("claude-3", 4096, Thinking::No),
    old("claude-3-5", 8192, Thinking::No),
    old("claude-3-7", 64_000, Budget),
    old("claude-sonnet-4", 64_000, Budget),
    old("claude-4-sonnet", 64_000, Budget),
    old("claude-opus-4", 32_000, Budget),
    old("claude-4-opus", 32_000, Budget),
    old("claude-opus-4-1", 32_000, Budget).samples(One),
    middle("claude-sonnet-4-5", 64_000, Budget),
    middle("claude-haiku-4-5", 64_000, Budget),
    middle("claude-opus-4-5", 64_000, Budget),
    middle("claude-sonnet-4-6", 128_000, Adaptive),
    middle("claude-opus-4-6", 128_000, Adaptive),
    new("claude-opus-4-7", 128_000, Hidden),
    new("claude-opus-4-8", 128_000, Hidden).with_system_turns(),
    new("claude-mythos-preview", 128_000, Always).reaches(Max),
    new("claude-sonnet-5", 128_000, Hidden),
    new("claude-haiku-5", 128_000, Hidden),
    new("claude-opus-5", 128_000, Hidden).with_system_turns(),
    new("claude-opus-5-5", 128_000, Always).with_system_turns(),
    new("claude-fable-5", 128_000, Always).with_system_turns(),
    new("claude-mythos-5", 128_000, Always).with_system_turns(),
];

/// What `model` takes, however a host decorates its name: `us.anthropic.claude-opus-4-6-v1:0`,
/// `claude-haiku-4-5@20251001`, `anthropic/claude-opus-4.6`.
pub(crate) fn find(model: &str) -> &'static Model {
    let model = model.to_ascii_lowercase().replace('.', "-");
    let bare = model.find("claude-").map_or("", |at| &model[at..]);
    let fits = MODELS.iter().filter(|known| bare.starts_with(known.name));
    fits.max_by_key(|known| known.name.len()).expect("the empty name begins every name")
}

/// A model of the first three generations, or of the fourth's first half.
const fn old(name: &'static str, max_output: u64, thinking: Thinking) -> Model {
    Model {
        name,
        max_output,
        thinking,
        efforts: UpToHigh,
        sampling: Any,
        holds_to_schemas: false,
        takes_system_turns: false,
    }
}

/// One that can be held to schemas, and takes one of two sampling parameters.
const fn middle(name: &'static str, max_output: u64, thinking: Thinking) -> Model {
    Model { sampling: One, holds_to_schemas: true, efforts: Max, ..old(name, max_output, thinking) }
}

/// One that takes no sampling parameters any more.
const fn new(name: &'static str, max_output: u64, thinking: Thinking) -> Model {
    Model { sampling: Sampling::No, efforts: All, ..middle(name, max_output, thinking) }
}

impl Model {
    const fn thinks(self, thinking: Thinking) -> Self {
        Self { thinking, ..self }
    }

    const fn samples(self, sampling: Sampling) -> Self {
        Self { sampling, ..self }
    }

    const fn reaches(self, efforts: Efforts) -> Self {
        Self { efforts, ..self }
    }

    const fn with_system_turns(self) -> Self {
        Self { takes_system_turns: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_under_the_name_of_every_host() {
        for (name, row) in [
            ("claude-opus-4-6", "claude-opus-4-6"),
            ("us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
            ("anthropic/claude-opus-4.6", "claude-opus-4-6"),
            ("claude-haiku-4-5@20251001", "claude-haiku-4-5"),
            ("claude-3-5-sonnet-20241022", "claude-3-5"),
            ("claude-opus-4-20250514", "claude-opus-4"),
            ("claude-opus-5-5", "claude-opus-5-5"),
            ("claude-opus-5", "claude-opus-5"),
            ("claude-novel-9", "claude-"),
            ("kimi-k2", ""),
        ] {
            assert_eq!(find(name).name, row, "{name}");
        }
    }

    #[test]
    fn each_ceiling_is_the_documented_one() {
        for (name, tokens) in [
            ("claude-3-opus-20240229", 4096),
            ("claude-3-5-haiku-latest", 8192),
            ("claude-3-7-sonnet-latest", 64_000),
            ("claude-opus-4-1-20250805", 32_000),
            ("claude-sonnet-4-20250514", 64_000),
            ("claude-opus-4-5", 64_000),
            ("claude-opus-4-6", 128_000),
            ("claude-fable-5-2", 128_000),
        ] {
            assert_eq!(find(name).max_output, tokens, "{name}");
        }
    }
}
