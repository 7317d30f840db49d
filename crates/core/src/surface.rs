//! Kinds of call. The engine is written once, for any of them.

use std::{borrow::Cow, fmt, future::Future, ops::Deref};

use ferro_wire::{Framing, JsonDoc};
use serde::Serialize;

pub use crate::chat::Chat;
use crate::{
    BadRequest, Delta, Inbound, Limits, Provider, Serve, Thing, Whole,
    document::{
        Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses,
        Speech,
    },
    forward::Forward,
    upload::{ImageEdits, ImageVariations, Transcriptions, Translations},
};

/// One kind of call: what a client sends, and what it gets back.
///
/// A surface is a marker type. To add one: the marker with its request and reply, an accessor on
/// [`Provider`], a route in a dialect's [`Ingress`](crate::Ingress), a law group in the suites.
pub trait Surface: Sized + Send + Sync + 'static {
    /// Which one this is.
    const KIND: SurfaceKind;
    /// How a streamed reply falls into events, as it is written to the client.
    const FRAMING: Framing;
    /// What a client sends.
    type Request: Subject;
    /// One event of a streamed reply.
    type Event: Delta + 'static;
    /// A reply that comes in one piece.
    type Whole: Whole;

    /// The surface in whose words the same can be said where a provider does not have this one.
    const OVER: Option<SurfaceKind> = None;

    /// Finds this surface on a provider.
    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>>;

    /// Who serves this surface at a provider: it itself, or another of its surfaces in whose words
    /// the same can be said.
    fn served(provider: &dyn Provider) -> Option<Served<'_, Self>> {
        Self::of(provider).map(Served::Own)
    }

    /// Understands a request, or says what is wrong with it. Takes the body; the headers stay for
    /// routing.
    fn read(
        inbound: &mut Inbound,
        limits: &Limits,
    ) -> impl Future<Output = Result<Self::Request, BadRequest>> + Send;

    /// Whether these whole events hold nothing but signs of life, and not a word of the answer. Such
    /// a beginning does not bind a stream to its target yet.
    fn is_silent(events: &[u8]) -> bool {
        let _ = events;
        false
    }
}

/// Who serves a surface at a provider.
pub enum Served<'a, S: Surface> {
    /// The provider itself.
    Own(&'a dyn Serve<S>),
    /// Another of its surfaces, or what stands before its own.
    Over(Box<dyn Serve<S> + 'a>),
}

impl<'a, S: Surface> Deref for Served<'a, S> {
    type Target = dyn Serve<S> + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own(serve) => *serve,
            Self::Over(serve) => &**serve,
        }
    }
}

impl<S: Surface> fmt::Debug for Served<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Own",
            Self::Over(_) => "Over",
        })
    }
}

/// Something that is done with a surface as a type, by one who knows its kind only.
pub trait With {
    /// What comes of it.
    type Out;

    /// Does it.
    fn with<S: Surface>(self) -> Self::Out;
}

/// Does something with the surface of a kind: the one place that knows which kind is which type.
/// `None` where it is none yet.
pub fn with<W: With>(kind: SurfaceKind, what: W) -> Option<W::Out> {
    Some(match kind {
        SurfaceKind::Chat => what.with::<Chat>(),
        SurfaceKind::Completions => what.with::<Completions>(),
        SurfaceKind::Embeddings => what.with::<Embeddings>(),
        SurfaceKind::Images => what.with::<Images>(),
        SurfaceKind::Rerank => what.with::<Rerank>(),
        SurfaceKind::Moderations => what.with::<Moderations>(),
        SurfaceKind::Responses => what.with::<Responses>(),
        SurfaceKind::Messages => what.with::<Messages>(),
        SurfaceKind::CountTokens => what.with::<CountTokens>(),
        SurfaceKind::ImageEdits => what.with::<ImageEdits>(),
        SurfaceKind::ImageVariations => what.with::<ImageVariations>(),
        SurfaceKind::Speech => what.with::<Speech>(),
        SurfaceKind::Transcriptions => what.with::<Transcriptions>(),
        SurfaceKind::Translations => what.with::<Translations>(),
        SurfaceKind::Forward => what.with::<Forward>(),
        SurfaceKind::Generate => return None,
    })
}

/// The surfaces by name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SurfaceKind {
    /// Chat completions.
    Chat,
    /// Anthropic's messages.
    Messages,
    /// OpenAI's responses.
    Responses,
    /// Gemini's generateContent.
    Generate,
    /// Legacy text completions.
    Completions,
    /// Embeddings.
    Embeddings,
    /// Images made of words.
    Images,
    /// Images made of images and words.
    ImageEdits,
    /// Images made of an image.
    ImageVariations,
    /// Documents put in order of relevance.
    Rerank,
    /// Content judged by policy.
    Moderations,
    /// Text made into speech.
    Speech,
    /// Speech made into text.
    Transcriptions,
    /// Speech made into English text.
    Translations,
    /// Tokens counted, nothing generated.
    CountTokens,
    /// Anything else, passed on as it is.
    Forward,
}

impl SurfaceKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Chat,
        Self::Messages,
        Self::Responses,
        Self::Generate,
        Self::Completions,
        Self::Embeddings,
        Self::Images,
        Self::ImageEdits,
        Self::ImageVariations,
        Self::Rerank,
        Self::Moderations,
        Self::Speech,
        Self::Transcriptions,
        Self::Translations,
        Self::CountTokens,
        Self::Forward,
    ];

    /// The surface in whose words the same can be said where a provider does not have this one.
    pub fn over(self) -> Option<Self> {
        struct Over;
        impl With for Over {
            type Out = Option<SurfaceKind>;
            fn with<S: Surface>(self) -> Self::Out {
                S::OVER
            }
        }
        with(self, Over).flatten()
    }

    /// The surface in the words of metrics, logs and telemetry (`gen_ai.operation.name`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Messages => "messages",
            Self::Responses => "responses",
            Self::Generate => "generate_content",
            Self::Completions => "text_completion",
            Self::Embeddings => "embeddings",
            Self::Images => "images",
            Self::ImageEdits => "image_edits",
            Self::ImageVariations => "image_variations",
            Self::Rerank => "rerank",
            Self::Moderations => "moderations",
            Self::Speech => "speech",
            Self::Transcriptions => "transcriptions",
            Self::Translations => "translations",
            Self::CountTokens => "count_tokens",
            Self::Forward => "passthrough",
        }
    }

    /// Whether what is consumed are the tokens of texts: those can be estimated where a vendor does not
    /// count them. Media, judgements and units of a reranker cannot.
    pub fn is_of_texts(self) -> bool {
        matches!(
            self,
            Self::Chat
                | Self::Messages
                | Self::Responses
                | Self::Generate
                | Self::Completions
                | Self::Embeddings
        )
    }
}

/// What routing and policy need to know of any request.
///
/// Invariant of every implementation: the facts agree with the bytes that are sent, because each
/// edit goes through a method that changes both. What no method names stays as the client wrote it.
pub trait Subject: Send + Sync + 'static {
    /// The model asked for; after alias resolution, the one meant.
    fn model(&self) -> &str;

    /// Asks for another model instead.
    fn set_model(&mut self, model: &str);

    /// Whether the client wants events as they come.
    fn wants_stream(&self) -> bool {
        false
    }

    /// The most that may be written, if the client said so.
    fn max_output_tokens(&self) -> Option<u64> {
        None
    }

    /// The end user on whose behalf the client says it calls.
    fn user(&self) -> Option<&str> {
        None
    }

    /// What the client wrote under this name into the request's metadata: looked up when it is asked
    /// for.
    fn metadata(&self, _name: &str) -> Option<Cow<'_, str>> {
        None
    }

    /// About how many tokens the prompt has, by the length of its texts. Whoever keeps what was
    /// counted once spares the next one the reading.
    fn prompt_tokens(&self) -> u64 {
        count_tokens(self)
    }

    /// What this request names that lives at one target: only that one can serve it.
    fn names(&self) -> Option<Thing> {
        None
    }

    /// The target that its client means, by its name.
    fn asks(&self) -> Option<&str> {
        None
    }

    /// How often this request's body can be sent.
    fn replay(&self) -> Replay {
        Replay::Any
    }

    /// The document that it is, where it is one and its texts stand in it: for whoever has to let go
    /// of it, and keeps a [sample](crate::document::TextSample).
    fn document(&self) -> Option<&JsonDoc> {
        None
    }

    /// Shows every text that a model would read, in order, with who says it.
    ///
    /// An `Err` means that the content cannot be inspected: a guard that must see it refuses.
    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest>;

    /// Like [`texts`](Self::texts), but what `edit` returns replaces the text. Only the replaced
    /// strings change; the bytes between them stay.
    fn edit_texts(
        &mut self,
        edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest>;
}

/// Bytes of text that make a token, about.
const BYTES_PER_TOKEN: usize = 4;

/// About how many tokens a model finds to read in a request. Texts that cannot be read count as
/// none.
pub(crate) fn count_tokens(subject: &(impl Subject + ?Sized)) -> u64 {
    let mut bytes = 0;
    let _unread = subject.texts(&mut |_, text| bytes += text.len());
    (bytes / BYTES_PER_TOKEN) as u64 + 1
}

/// Who says a text of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Speaker {
    /// The operator of the conversation: system and developer instructions.
    System,
    /// The user, or an input with no roles (a prompt, a document, an embedding's text).
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// A tool's result.
    Tool,
    /// What a tool is called and does, and with which arguments it was called.
    ToolDefinition,
}

/// How often a body can be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Replay {
    /// As often as needed: it is held.
    Any,
    /// Once, because nobody knows what it does: it may do it twice.
    Once,
    /// Once, because it found no room to be held: it is passed on as it arrives, so there is no retry
    /// and no failover.
    Passing,
}
