//! Whatever else clients ask of an API below `/v1`: passed on as it is, by the rules of every request.

mod listing;
mod path;
mod reply;
mod request;

use ferro_wire::{Framing, sse};

use self::listing::Listing;
pub use self::{
    reply::{ForwardDecoder, VendorWords},
    request::ForwardRequest,
};
use crate::{
    BadRequest, Inbound, Limits, Provider, Serve, Served, Surface, SurfaceKind,
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

    /// Lists show each caller what is his, whoever serves them.
    fn served(provider: &dyn Provider) -> Option<Served<'_, Self>> {
        Some(Served::Over(Box::new(Listing(provider.forward()?))))
    }

    async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<ForwardRequest, BadRequest> {
        ForwardRequest::read(inbound, limits).await
    }
}
