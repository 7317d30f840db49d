//! What an assistant's turn is made of, put in the order in which the vendor said it.

use std::borrow::Cow;

use ferro_core::chat::Members;
use serde_json::value::RawValue;

use super::{
    block::{Block, Kind},
    schema::object,
};
use crate::decode::{Behind, OURS};

/// The pieces of a turn.
#[derive(Debug, Default)]
pub(super) struct Pieces<'a> {
    /// The model's thoughts; `None` for one that cannot be said.
    pub(super) thoughts: Vec<Option<Block<'a>>>,
    /// Blocks of the vendor's own, each with what it stands behind, as far as that is known.
    pub(super) own: Vec<(Option<Behind>, Block<'a>)>,
    pub(super) texts: Vec<Block<'a>>,
    pub(super) calls: Vec<Block<'a>>,
}

impl<'a> Pieces<'a> {
    /// All of it: thoughts, texts and calls in this order, but for what stands before a block of the
    /// vendor's own. One of which nothing is known stands behind the thoughts.
    pub(super) fn in_order(self) -> Vec<Block<'a>> {
        let mut texts = Texts(self.texts);
        let (mut thoughts, mut calls) = (self.thoughts.into_iter(), self.calls.into_iter());
        let (mut blocks, mut done) = (Vec::new(), Behind::default());
        for (behind, block) in self.own {
            let to = behind.unwrap_or(Behind { thoughts: usize::MAX, ..done });
            let more = to.thoughts.saturating_sub(done.thoughts);
            blocks.extend(thoughts.by_ref().take(more).flatten());
            blocks.extend(texts.take(to.characters.saturating_sub(done.characters)));
            blocks.extend(calls.by_ref().take(to.calls.saturating_sub(done.calls)));
            blocks.push(block);
            done.thoughts = done.thoughts.max(to.thoughts);
            done.characters = done.characters.max(to.characters);
            done.calls = done.calls.max(to.calls);
        }
        blocks.extend(thoughts.flatten());
        blocks.append(&mut texts.0);
        blocks.extend(calls);
        blocks
    }
}

/// What is said, of which one text can be taken apart.
struct Texts<'a>(Vec<Block<'a>>);

impl<'a> Texts<'a> {
    /// The next `count` characters, where all that is left is one text.
    fn take(&mut self, count: usize) -> Option<Block<'a>> {
        let [Block { kind: Kind::Text { text: Cow::Borrowed(text), .. }, .. }] = &mut *self.0
        else {
            return None;
        };
        let whole: &'a str = text;
        let at = whole.char_indices().nth(count).map_or(whole.len(), |(at, _)| at);
        let (first, rest) = whole.split_at(at);
        *text = rest;
        (!first.is_empty()).then(|| Block::text(first))
    }
}

/// Blocks that came with a reply and go back as they were.
pub(super) fn own_blocks(list: &RawValue) -> Vec<(Option<Behind>, Block<'_>)> {
    let listed: Vec<&RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
    let read = |block| {
        let Some(mut members) = Members::of(RawValue::get(block)) else {
            return (None, Block::new(Kind::Raw(block.get().into())));
        };
        let behind = members.get("behind").and_then(|json| serde_json::from_str(json).ok());
        members.0.retain(|(name, _)| !OURS.contains(&&**name));
        (behind, Block::new(Kind::Raw(object(&members).into())))
    };
    listed.into_iter().map(read).collect()
}
