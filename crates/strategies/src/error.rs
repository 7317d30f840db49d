//! Why a strategy cannot be built.

use ferro_core::TargetId;

/// A strategy that cannot be built from its settings.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// Somewhere stands a word that is none of those that may stand there.
    #[error("`{key}` cannot be `{word}`; known: {known}")]
    Word {
        /// Where it stands.
        key: &'static str,
        /// What stands there.
        word: String,
        /// What may stand there.
        known: String,
    },
    /// A strategy that goes by a list has an empty one.
    #[error("`{mode}` goes by `{key}`, and there are none: list at least one")]
    Nothing {
        /// The strategy.
        mode: &'static str,
        /// The list.
        key: &'static str,
    },
    /// A pattern is no regular expression, or one that takes too much memory.
    #[error("`{pattern}` cannot be searched for: {source}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// A variant's share is no number from 0 on.
    #[error("{share} is no share for `{target}`: write a number from 0 on")]
    Share {
        /// Whose share it is.
        target: TargetId,
        /// The share.
        share: f64,
    },
}

impl StrategyError {
    pub(crate) fn word(key: &'static str, word: &str, known: &str) -> Self {
        Self::Word { key, word: word.to_owned(), known: known.to_owned() }
    }

    pub(crate) fn nothing(mode: &'static str, key: &'static str) -> Self {
        Self::Nothing { mode, key }
    }
}
