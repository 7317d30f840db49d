//! The chat surface: `POST /v1/chat/completions`.

mod event;
mod parts;
mod request;
mod response;

use ferro_wire::{Framing, sse};

use crate::{BadRequest, Inbound, Limits, Provider, Serve, Surface, SurfaceKind};
pub use event::ChatEvent;
pub use request::ChatRequest;
pub use response::ChatResponse;

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

    fn is_silent(events: &[u8]) -> bool {
        sse::is_silent(events)
    }
}
