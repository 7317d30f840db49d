//! Anthropic's wire as every host of it speaks it: a chat request said as Messages, and the reply read
//! back as chat, whole and streamed.
#![doc = include_str!("../README.md")]

mod decode;
mod encode;
mod forwarding;
mod ingress;
mod messages;
mod models;
mod names;
mod native;
mod notes;
mod profile;
mod refusal;
mod usage;

pub use decode::ChatDecoder;
pub use forwarding::PassedWords;
pub use ingress::INGRESS;
pub use messages::{Encoded, Messages};
pub use native::{CountDecoder, MessagesDecoder, Native, Operation, Site, Spoken};
pub use profile::{Budgets, Place, Profile};
pub use refusal::refuse;
