//! Surfaces whose requests are JSON documents of which the gateway reads a few members, and whose
//! replies pass as they came.
//!
//! A [`Form`] says which members those are; everything else follows from it: how a request is
//! understood, what policy sees of it and of its reply, and that nothing else is touched.

mod beside;
pub mod embedding;
mod ends;
mod event;
mod forms;
pub mod image;
mod over_chat;
mod piece;
pub mod ranking;
mod reply;
mod request;
mod sample;
pub(crate) mod texts;

use std::fmt::Debug;

use ferro_wire::{Framing, JsonDoc, sse};

use crate::{
    BadRequest, Finish, Inbound, Kept, Limits, Provider, Serve, Served, Speaker, Surface,
    SurfaceKind, fields::field,
};

pub use beside::Beside;
pub use event::DocumentEvent;
pub use forms::{
    Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses, Speech,
};
pub use piece::in_one_piece;
pub use reply::DocumentReply;
pub use request::DocumentRequest;
pub use sample::TextSample;

/// What the gateway reads of the requests and replies of one such surface.
pub trait Form: Debug + Send + Sync + Sized + 'static {
    /// Which surface it is of.
    const KIND: SurfaceKind;
    /// The members of a request in which a model finds something to read, with who says it unless
    /// a role inside says otherwise.
    const READS: &'static [(&'static str, Speaker)];
    /// The names under which a reply has texts, however deep.
    const SAYS: &'static [&'static str];
    /// The members that a request must have, and that must say something.
    const REQUIRED: &'static [&'static str];
    /// The members that limit what is written: the first that is there counts.
    const CEILINGS: &'static [&'static str] = &[];
    /// Whether a reply comes as events where a request says `"stream": true`.
    const STREAMS: bool = false;
    /// The model that is meant where a request names none; `None` where it must name one.
    const DEFAULT_MODEL: Option<&'static str> = None;

    /// Headers of the client's that go with a request, by name or by prefix ending with `*`: those in
    /// which the dialect says what a vendor must know. Credentials are none of them.
    const TRAVELS: &'static [&'static str] = &[];

    /// The members in which a request names something that lives at one target, each with what it is.
    const NAMES: &'static [(&'static str, Kept)] = &[];

    /// The surface in whose words the same can be said where a provider does not have this one.
    const OVER: Option<SurfaceKind> = None;

    /// Finds this surface on a provider.
    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>>;

    /// Who serves this surface at a provider: it itself, unless the same can be said on another.
    fn served(provider: &dyn Provider) -> Option<Served<'_, Self>> {
        Self::of(provider).map(Served::Own)
    }

    /// Why `choice` stopped, where an event of a stream says so.
    fn finish(event: &[u8], choice: u32) -> Option<Finish> {
        let _ = (event, choice);
        None
    }

    /// Whether a request wants events.
    ///
    /// # Errors
    ///
    /// The field that says so is of another type.
    fn streams(doc: &JsonDoc) -> Result<bool, BadRequest> {
        Ok(Self::STREAMS && field(doc, "stream")?.unwrap_or(false))
    }

    /// What else is wrong with a request.
    ///
    /// # Errors
    ///
    /// Names the field, its value, and what would be right.
    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        let _ = doc;
        Ok(())
    }

    /// Whether these whole events hold nothing but signs of life.
    fn is_silent(events: &[u8]) -> bool {
        sse::is_silent(events)
    }
}

/// What is read of the replies of a surface.
pub trait Says: 'static {
    /// The names under which a reply has texts, however deep.
    const SAYS: &'static [&'static str];

    /// Why `choice` stopped, where an event of a stream says so.
    fn finish(event: &[u8], choice: u32) -> Option<Finish> {
        let _ = (event, choice);
        None
    }
}

impl<F: Form> Says for F {
    const SAYS: &'static [&'static str] = F::SAYS;

    fn finish(event: &[u8], choice: u32) -> Option<Finish> {
        <F as Form>::finish(event, choice)
    }
}

impl<F: Form> Surface for F {
    const KIND: SurfaceKind = F::KIND;
    const FRAMING: Framing = sse::FRAMING;
    type Request = DocumentRequest<F>;
    type Event = DocumentEvent<F>;
    type Whole = DocumentReply<F>;
    const OVER: Option<SurfaceKind> = F::OVER;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        F::of(provider)
    }

    fn served(provider: &dyn Provider) -> Option<Served<'_, Self>> {
        <F as Form>::served(provider)
    }

    async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<Self::Request, BadRequest> {
        let beside = Beside::of::<F>(inbound);
        Ok(DocumentRequest::new(inbound.json(limits).await?)?.with_beside(beside))
    }

    fn is_silent(events: &[u8]) -> bool {
        F::is_silent(events)
    }
}
