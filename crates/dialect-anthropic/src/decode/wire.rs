//! The vendor's replies and events, as far as they are read.

use ferro_core::chat::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{VENDOR, finish::Extra};
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
    stop_details: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) usage: Option<Counts>,
    #[serde(default, borrow)]
    container: Option<&'a RawValue>,
    #[serde(default, borrow)]
    diagnostics: Option<&'a RawValue>,
    #[serde(default, borrow)]
    context_management: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// Why a message ended.
#[derive(Debug, Default)]
pub(super) struct Ending<'a> {
    pub(super) stop_reason: Option<Text<'a>>,
    pub(super) stop_sequence: Option<&'a RawValue>,
    pub(super) stop_details: Option<&'a RawValue>,
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
    #[serde(default, borrow)]
    caller: Option<&'a RawValue>,
    #[serde(default, borrow)]
    toolset_name: Option<&'a RawValue>,
}

/// An event of a stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(rename = "type", default, borrow)]
    pub(super) named: Text<'a>,
    /// Which block it is about.
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default, borrow)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(default, borrow)]
    pub(super) content_block: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) usage: Option<Counts>,
    #[serde(default, borrow)]
    context_management: Option<&'a RawValue>,
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
    pub(super) content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) encrypted_content: Option<&'a RawValue>,
    #[serde(default, borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(default, borrow)]
    stop_sequence: Option<&'a RawValue>,
    #[serde(default, borrow)]
    stop_details: Option<&'a RawValue>,
    #[serde(default, borrow)]
    container: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Why it ended.
    pub(super) fn take_end(&mut self) -> Ending<'a> {
        let stop_reason = self.stop_reason.take();
        let stop_sequence = self.stop_sequence.take();
        Ending { stop_reason, stop_sequence, stop_details: self.stop_details.take() }
    }

    /// What it says beside.
    pub(super) fn beside(&self) -> Vec<Extra<'a>> {
        let said = [
            ("container", self.container),
            ("diagnostics", self.diagnostics),
            ("context_management", self.context_management),
        ];
        said.into_iter().filter_map(|(name, json)| Some((name, json?))).collect()
    }
}

impl Block<'_> {
    /// What the vendor wants to have back with a call: who called, if it was not the model itself, and
    /// of which set the tool is.
    pub(super) fn extra(&self) -> Option<Box<RawValue>> {
        #[derive(Deserialize)]
        struct Caller<'a> {
            #[serde(rename = "type", default, borrow)]
            named: Text<'a>,
        }
        let is_direct = |caller: &&RawValue| {
            let caller = serde_json::from_str::<Caller<'_>>(caller.get());
            caller.is_ok_and(|caller| &*caller.named == "direct")
        };
        let caller = self.caller.filter(|caller| !is_direct(caller));
        let said = [("caller", caller), ("toolset_name", self.toolset_name)];
        let said = said.iter().filter_map(|(name, json)| Some(format!("\"{name}\":{}", (*json)?)));
        let said = said.collect::<Vec<_>>().join(",");
        let extra = format!("{{\"{VENDOR}\":{{{said}}}}}");
        let extra = (!said.is_empty()).then_some(extra)?;
        Some(RawValue::from_string(extra).expect("members between brackets are an object"))
    }
}

impl<'a> Event<'a> {
    /// What an ending says beside.
    pub(super) fn beside(&self) -> Vec<Extra<'a>> {
        let container = self.delta.as_ref().and_then(|delta| delta.container);
        let said = [("container", container), ("context_management", self.context_management)];
        said.into_iter().filter_map(|(name, json)| Some((name, json?))).collect()
    }
}

impl<'a> Delta<'a> {
    /// Why the message ended.
    pub(super) fn end(self) -> Ending<'a> {
        let Self { stop_reason, stop_sequence, stop_details, .. } = self;
        Ending { stop_reason, stop_sequence, stop_details }
    }
}
