//! What the model thought in earlier turns: what Bedrock sealed goes back to it, and nothing else.

use ferro_core::chat::{Message, Reasoning};

use super::{
    Notes,
    blocks::{Block, Thought},
};

/// Whose seal stands on a thought of Claude's, wherever Claude runs.
pub(crate) const CLAUDE: &str = "anthropic-claude-v1";
/// Whose bytes are thoughts that only Bedrock can read, and whose words those without a seal are.
pub(crate) const BEDROCK: &str = "aws-bedrock-v1";

/// The thoughts of a message that Bedrock takes back; the others are listed.
pub(super) fn blocks<'a>(
    message: &'a Message<'_>,
    place: impl Fn() -> String,
    notes: &mut Notes,
) -> Vec<Block<'a>> {
    let thoughts = message.thoughts();
    let mut blocks = Vec::with_capacity(thoughts.len());
    for (at, thought) in thoughts.iter().enumerate() {
        match *thought {
            Reasoning::Text {
                text,
                signature: Some(signature),
                format: None | Some(CLAUDE | BEDROCK),
            } => blocks.push(Block::ReasoningContent(Thought::ReasoningText { text, signature })),
            Reasoning::Encrypted { data, format: None | Some(BEDROCK), .. } => {
                blocks.push(Block::ReasoningContent(Thought::RedactedContent(data)));
            }
            _ => notes.unsaid(format!("{}.reasoning[{at}]", place())),
        }
    }
    blocks
}
