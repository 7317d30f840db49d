//! The vocabulary `o200k_base`: a public one, of two hundred thousand tokens.

use std::sync::Arc;

use ferro_core::{Tokenizer, Vocabulary};
use tiktoken_rs::{CoreBPE, o200k_base_singleton};

/// What a configuration can name.
pub static VOCABULARIES: &[&Vocabulary] = &[&VOCABULARY];

static VOCABULARY: Vocabulary = Vocabulary { name: "o200k_base", open };

/// As much is looked at together. The pattern that finds words gives up, and its library with it, where one
/// match takes a million steps: in so much text none can.
const TOGETHER: usize = 16 << 10;

fn open() -> Arc<dyn Tokenizer> {
    Arc::new(O200k(o200k_base_singleton()))
}

struct O200k(&'static CoreBPE);

impl std::fmt::Debug for O200k {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(VOCABULARY.name)
    }
}

impl Tokenizer for O200k {
    fn count(&self, mut text: &str) -> u64 {
        let mut tokens = 0;
        while !text.is_empty() {
            let (some, rest) = text.split_at(text.floor_char_boundary(TOGETHER));
            tokens += self.0.encode_ordinary(some).len() as u64;
            text = rest;
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_tokens_that_another_implementation_counts() {
        // Article 1 of the Universal Declaration of Human Rights, counted by the crate `bpe-openai` 0.3.2.
        let tokenizer = open();
        for (counted, text) in [
            (
                33,
                "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
            ),
            (
                41,
                "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
            ),
            (
                37,
                "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
            ),
            (0, ""),
        ] {
            assert_eq!(tokenizer.count(text), counted, "{text}");
        }
    }

    #[test]
    fn no_text_is_too_odd_to_be_counted() {
        let tokenizer = open();
        for piece in [" ", "\n", "a", "1", "'", "\u{0301}", "\u{1f600}", " \r", "A'"] {
            let text = piece.repeat(100_000 / piece.len());
            assert!(tokenizer.count(&text) > 0, "{piece:?}");
            assert!(tokenizer.count(&format!("{text}x")) > 0, "{piece:?}");
        }
    }
}
