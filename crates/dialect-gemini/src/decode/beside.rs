//! What the vendor says beside an answer and the chat wire has no word for: the member `google` of a
//! reply, and of a chunk behind a stream's last words.

use serde_json::value::RawValue;

use super::{
    piece::{State, raw},
    wire::Candidate,
};
use crate::json::Json;

/// The name of the member.
pub(super) const NAME: &str = "google";

/// What stands beside one answer, each as it came the last time.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The searches that were made, and how they have to be shown.
    grounding: Option<Box<RawValue>>,
    /// The pages that were read.
    pages: Option<Box<RawValue>>,
}

impl Beside {
    pub(super) fn add(&mut self, candidate: &Candidate<'_>) {
        // Pieces that bring nothing bring an empty one.
        let said = |json: Option<&RawValue>| {
            json.filter(|json| json.get() != "{}").map(RawValue::to_owned)
        };
        self.grounding = said(candidate.grounding_metadata).or(self.grounding.take());
        self.pages = said(candidate.url_context_metadata).or(self.pages.take());
    }

    /// Writes it, with the vendor's `words` on why the answer ended, if there is anything to write.
    pub(super) fn write(&self, list: &mut Json, index: u32, words: Option<&str>) {
        if self.grounding.is_none() && self.pages.is_none() && words.is_none() {
            return;
        }
        list.open(b'{');
        list.raw_member("index", &index.to_string());
        for (name, json) in
            [("groundingMetadata", &self.grounding), ("urlContextMetadata", &self.pages)]
        {
            json.iter().for_each(|json| list.raw_member(name, json.get()));
        }
        words.into_iter().for_each(|words| list.member("finishMessage", words));
        list.close(b'}');
    }
}

/// The member's value for these answers; `None` if nothing stands beside any.
pub(super) fn of<'s>(states: impl Iterator<Item = &'s State>) -> Option<Box<RawValue>> {
    let mut list = Json::default();
    list.open(b'{');
    list.key("candidates");
    list.open(b'[');
    let before = list.0.len();
    states.for_each(|state| state.write_beside(&mut list));
    if list.0.len() == before {
        return None;
    }
    list.close(b']');
    list.close(b'}');
    Some(raw(list))
}
