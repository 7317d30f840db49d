//! The chat surface: `POST /v1/chat/completions`.

pub mod arguments;
mod call_id;
pub(crate) mod choices;
mod compose;
mod conversation;
mod event;
mod members;
pub(crate) mod metadata;
mod object;
mod parts;
mod picked;
mod request;
mod response;
mod text;
pub(crate) mod walk;

use ferro_wire::{Framing, sse};

use crate::{BadRequest, Inbound, Limits, Provider, Serve, Surface, SurfaceKind};
pub use call_id::CallIds;
pub use compose::{Choice, Chunks, ReplyHead, Said, SaidCall, Thought};
pub use conversation::{
    Audio, Call, Content, Detail, File, Function, Link, Message, Part, Reasoning, ResponseFormat,
    Role, Schema, Signature, Source, Tool, ToolChoice,
};
pub use event::ChatEvent;
pub use object::Members;
pub use picked::Picked;
pub use request::ChatRequest;
pub use response::ChatResponse;
pub use text::Text;

/// Chat completions.
#[derive(Debug)]
pub enum Chat {}

impl Surface for Chat {
    const KIND: SurfaceKind = SurfaceKind::Chat;
    const FRAMING: Framing = sse::FRAMING;
    type Request = ChatRequest;
    type Event = ChatEvent;
    type Whole = ChatResponse;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.chat()
    }

    async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<ChatRequest, BadRequest> {
        ChatRequest::new(inbound.json(limits).await?)
    }

    /// Comments, and chunks in which an answer begins without a word: most vendors send one before
    /// the model has read the prompt, and may still fail.
    fn is_silent(events: &[u8]) -> bool {
        let says_nothing =
            |event: sse::Event<'_>| event.is_silent() || choices::says_nothing(&event.data());
        sse::is_silent(events)
            || (sse::FRAMING.whole(events) == events.len() && sse::events(events).all(says_nothing))
    }
}
