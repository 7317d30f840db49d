//! Whatever else clients ask of an API below `/v1`: passed on as it is, by the rules of every request.

mod path;
mod request;

use ferro_wire::{Framing, sse};

pub use self::request::ForwardRequest;
use crate::{
    BadRequest, Inbound, Limits, Provider, Serve, Surface, SurfaceKind,
    document::{DocumentEvent, DocumentReply, Says},
};

/// Anything else.
#[derive(Debug)]
pub enum Forward {}

/// Nobody knows where such a reply has texts.
impl Says for Forward {
    const SAYS: &'static [&'static str] = &[];
}

impl Surface for Forward {
    const KIND: SurfaceKind = SurfaceKind::Forward;
    const FRAMING: Framing = sse::FRAMING;
    type Request = ForwardRequest;
    type Event = DocumentEvent<Self>;
    type Whole = DocumentReply<Self>;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.forward()
    }

    async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<ForwardRequest, BadRequest> {
        ForwardRequest::read(inbound, limits).await
    }
}
