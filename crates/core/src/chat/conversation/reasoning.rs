//! What a model thought, and how it comes back to the vendor that sealed it.

use super::{Content, Message, Part};
use crate::chat::{Text, members::members};

members! {
    /// One piece of what a model thought, in the words of `reasoning_details`.
    pub struct Detail<'a> {
        /// `reasoning.text`, `reasoning.summary` or `reasoning.encrypted`.
        named: Text<'a> = "type",
        /// `reasoning.text`: the thought.
        text: Text<'a> = "text",
        /// `reasoning.summary`: what it came to.
        summary: Text<'a> = "summary",
        /// `reasoning.encrypted`: what only the vendor can read.
        data: Text<'a> = "data",
        /// The vendor's seal on a text.
        signature: Text<'a> = "signature",
        /// Whose seal it is, as [`Reasoning`] names it.
        format: Text<'a> = "format",
        /// The vendor's name for it.
        id: Text<'a> = "id",
        /// Which piece of the message it is.
        index: u64 = "index",
    }
}

/// One piece of what a model thought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reasoning<'a> {
    /// A thought in words.
    Text {
        /// The words; may be empty where a vendor seals without showing.
        text: &'a str,
        /// The vendor's seal, without which some do not take it back.
        signature: Option<&'a str>,
        /// Whose seal it is; `None` if the client does not say.
        format: Option<&'a str>,
    },
    /// What only the vendor can read.
    Encrypted {
        /// The vendor's bytes, as it wrote them.
        data: &'a str,
        /// Whose they are; `None` if the client does not say.
        format: Option<&'a str>,
        /// The vendor's name for it.
        id: Option<&'a str>,
    },
}

impl Message<'_> {
    /// What the model thought in this turn, in order: from the most exact of the places in which
    /// clients send it back, because they repeat one another.
    pub fn thoughts(&self) -> Vec<Reasoning<'_>> {
        let details = self.reasoning_details.iter().flatten().filter_map(of_detail);
        let blocks = self.thinking_blocks.iter().flatten().filter_map(of_part);
        let parts = self.content.iter().flat_map(Content::parts).filter_map(of_part);
        let plain = [&self.reasoning_content, &self.reasoning].into_iter().flatten();
        let plain = plain.filter(|text| !text.is_empty()).take(1);
        let plain = plain.map(|text| Reasoning::Text { text, signature: None, format: None });
        let places: [Vec<_>; 3] = [details.collect(), blocks.collect(), parts.collect()];
        let found = places.into_iter().find(|thoughts| !thoughts.is_empty());
        found.unwrap_or_else(|| plain.collect())
    }
}

fn of_detail<'a>(detail: &'a Detail<'_>) -> Option<Reasoning<'a>> {
    let (signature, format) = (detail.signature.as_deref(), detail.format.as_deref());
    if let Some(data) = detail.data.as_deref() {
        return Some(Reasoning::Encrypted { data, format, id: detail.id.as_deref() });
    }
    let text = detail.text.as_deref().or(detail.summary.as_deref());
    let is_sealed = signature.is_some();
    text.or(is_sealed.then_some("")).map(|text| Reasoning::Text { text, signature, format })
}

fn of_part<'a>(part: &'a Part<'_>) -> Option<Reasoning<'a>> {
    match part.kind() {
        "thinking" => Some(Reasoning::Text {
            text: part.thinking.as_deref().unwrap_or_default(),
            signature: part.signature.as_deref(),
            format: None,
        }),
        "redacted_thinking" => {
            Some(Reasoning::Encrypted { data: part.data.as_deref()?, format: None, id: None })
        }
        _ => None,
    }
}
