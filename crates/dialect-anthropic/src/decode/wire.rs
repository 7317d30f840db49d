//! The vendor's replies and events, as far as they are read.

use ferro_core::chat::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::usage::Counts;

/// A message: whole, or as it begins.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(default, borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) model: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) content: Option<Vec<&'a RawValue>>,
    // Not flattened, here and below: JSON as it stands would not survive that.
    #[serde(default, borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(default, borrow)]
    stop_sequence: Option<&'a RawValue>,
    #[serde(default, borrow)]
    stop_details: Option<StopDetails<'a>>,
    #[serde(default)]
    pub(super) usage: Option<Counts>,
    #[serde(default, borrow)]
    pub(super) container: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// Why a message ended.
#[derive(Debug, Default)]
pub(super) struct Ending<'a> {
    pub(super) stop_reason: Option<Text<'a>>,
    pub(super) stop_sequence: Option<&'a RawValue>,
    pub(super) stop_details: Option<StopDetails<'a>>,
}

/// What is said of a refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StopDetails<'a> {
    #[serde(default, borrow)]
    pub(super) category: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) explanation: Option<Text<'a>>,
}

/// A block of content: whole, or as it begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type", default, borrow)]
    pub(super) named: Text<'a>,
    #[serde(default, borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) citations: Option<Vec<&'a RawValue>>,
    #[serde(default, borrow)]
    pub(super) thinking: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) data: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) input: Option<&'a RawValue>,
}

/// An event of a stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(rename = "type", default, borrow)]
    pub(super) named: Text<'a>,
    #[serde(default, borrow)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(default, borrow)]
    pub(super) content_block: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) usage: Option<Counts>,
    #[serde(default, borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// What is new.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(rename = "type", default, borrow)]
    pub(super) named: Text<'a>,
    #[serde(default, borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) thinking: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) partial_json: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) citation: Option<&'a RawValue>,
    #[serde(default, borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(default, borrow)]
    stop_sequence: Option<&'a RawValue>,
    #[serde(default, borrow)]
    stop_details: Option<StopDetails<'a>>,
    #[serde(default, borrow)]
    pub(super) container: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Why it ended.
    pub(super) fn take_end(&mut self) -> Ending<'a> {
        let stop_reason = self.stop_reason.take();
        let stop_sequence = self.stop_sequence.take();
        Ending { stop_reason, stop_sequence, stop_details: self.stop_details.take() }
    }
}

impl<'a> Delta<'a> {
    /// Why the message ended.
    pub(super) fn end(self) -> Ending<'a> {
        let Self { stop_reason, stop_sequence, stop_details, .. } = self;
        Ending { stop_reason, stop_sequence, stop_details }
    }
}
