//! A vendor, configured: an identity plus the surfaces it serves.

use std::{fmt::Debug, sync::Arc, time::SystemTime};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    Belongings, Credential, FetchPolicy, Kept, Media, ModelFacts, ProviderError, Reply, Surface,
    TargetId, Transport, Upstream,
    document::{
        Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses,
        Speech,
    },
    forward::Forward,
    surface::Chat,
    upload::{ImageEdits, ImageVariations, Transcriptions, Translations},
};

/// A vendor, configured.
///
/// Surfaces are accessors so that what a provider serves is a value that routing can ask about, and
/// nothing has to be implemented in order to be refused. Every accessor defaults to "not served".
pub trait Provider: Debug + Send + Sync + 'static {
    /// Whether `model` is this vendor's, as far as its name tells.
    fn owns(&self, model: &str) -> Owns {
        let _ = model;
        Owns::Any
    }

    /// Chat completions.
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        None
    }

    /// Legacy text completions.
    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        None
    }

    /// Embeddings.
    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        None
    }

    /// Images made of words.
    fn images(&self) -> Option<&dyn Serve<Images>> {
        None
    }

    /// Documents put in order of relevance.
    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        None
    }

    /// Content judged by policy.
    fn moderations(&self) -> Option<&dyn Serve<Moderations>> {
        None
    }

    /// Text made into speech.
    fn speech(&self) -> Option<&dyn Serve<Speech>> {
        None
    }

    /// Speech made into text.
    fn transcriptions(&self) -> Option<&dyn Serve<Transcriptions>> {
        None
    }

    /// Speech made into English text.
    fn translations(&self) -> Option<&dyn Serve<Translations>> {
        None
    }

    /// Images made of images and words.
    fn image_edits(&self) -> Option<&dyn Serve<ImageEdits>> {
        None
    }

    /// Images made of an image.
    fn image_variations(&self) -> Option<&dyn Serve<ImageVariations>> {
        None
    }

    /// OpenAI's responses.
    fn responses(&self) -> Option<&dyn Serve<Responses>> {
        None
    }

    /// Anthropic's messages.
    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        None
    }

    /// Anthropic's count of a request's tokens.
    fn count_tokens(&self) -> Option<&dyn Serve<CountTokens>> {
        None
    }

    /// Anything else that is asked below the version of its API, in its own words.
    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        None
    }

    /// Whether things of this kind are what it keeps, where it serves [`forward`](Self::forward): those of
    /// OpenAI's wire, unless it says otherwise.
    fn keeps(&self, kind: Kept) -> bool {
        !kind.is_of_messages()
    }

    /// A list of the models that the vendor has today.
    fn discover(&self) -> Option<&dyn Discover> {
        None
    }
}

/// What a model's name says about whose it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owns {
    /// It is this vendor's.
    Yes,
    /// Nobody can tell: this vendor takes any name, and is asked where no other target owns it.
    Any,
    /// It is not.
    No,
}

/// Serves one surface.
///
/// Most vendors implement [`Wire`](crate::Wire) instead and get this from it; a vendor that needs
/// several exchanges for one reply (create, then poll) implements it directly.
#[async_trait]
pub trait Serve<S: Surface>: Send + Sync {
    /// Answers `request`.
    ///
    /// Obligations: the credential goes to `cx.upstream` and nowhere else; nothing is retried (the
    /// engine does); the request is left as it is, because the next target may need it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future, or the stream inside the reply, abandons the upstream call.
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &S::Request,
    ) -> Result<Reply<S>, ProviderError>;

    /// What this vendor cannot be told of `request`. See [`Wire::unsaid`](crate::Wire::unsaid).
    fn unsaid(&self, call: &Call<'_>, request: &S::Request) -> Vec<crate::Unsaid> {
        let _ = (call, request);
        Vec::new()
    }
}

/// The facts of one call that are not the request's own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The target that is asked.
    pub target: &'a TargetId,
    /// The model's name as this target knows it.
    pub model: &'a str,
    /// What is known about that model.
    pub facts: Option<&'a ModelFacts>,
    /// The media that the vendor [needs](crate::Wire::needs).
    pub media: Media,
    /// The wall clock, for signatures.
    pub now: SystemTime,
}

impl<'a> Call<'a> {
    /// A call of `model` at `target`, now.
    pub fn new(target: &'a TargetId, model: &'a str) -> Self {
        Self { target, model, facts: None, media: Media::default(), now: SystemTime::now() }
    }

    /// The same call, with what is known about the model.
    pub fn with_facts(self, facts: Option<&'a ModelFacts>) -> Self {
        Self { facts, ..self }
    }

    /// The same call, with what was fetched for it.
    pub fn with_media(self, media: Media) -> Self {
        Self { media, ..self }
    }
}

/// What a call may use besides its arguments.
#[derive(Clone)]
#[non_exhaustive]
pub struct CallContext<'a> {
    /// Whom is asked, for what.
    pub call: Call<'a>,
    /// The target's own origin.
    pub upstream: &'a dyn Upstream,
    /// The vendor's other hosts, by the names that its factory gave them.
    pub others: &'a [(&'static str, Arc<dyn Upstream>)],
    /// The way to any other allowed host; never with the credential.
    pub transport: &'a dyn Transport,
    /// What the target is to be shown.
    pub credential: &'a Credential,
    /// When the caller stops waiting for a whole reply, if it ever does.
    pub deadline: Option<Instant>,
    /// How media are fetched that the request names by URL; not at all if `None`.
    pub fetch: Option<&'a FetchPolicy>,
    /// The most bytes that a whole reply, or one event of a stream, may have.
    pub max_reply: usize,
    /// What the caller may see of what upstreams keep; everything if `None`.
    pub belongings: Option<Belongings<'a>>,
}

impl<'a> CallContext<'a> {
    /// What `call` may use: it waits as long as it takes, for a reply of fifty mebibytes at most.
    pub fn new(
        call: Call<'a>,
        upstream: &'a dyn Upstream,
        transport: &'a dyn Transport,
        credential: &'a Credential,
    ) -> Self {
        let (others, deadline, fetch, max_reply) = (&[][..], None, None, 50 << 20);
        let belongings = None;
        Self {
            call,
            upstream,
            others,
            transport,
            credential,
            deadline,
            fetch,
            max_reply,
            belongings,
        }
    }

    /// The same, for a vendor that has these hosts besides its first.
    pub fn with_others(self, others: &'a [(&'static str, Arc<dyn Upstream>)]) -> Self {
        Self { others, ..self }
    }

    /// One of the vendor's other hosts.
    pub fn other(&self, name: &str) -> Option<&'a Arc<dyn Upstream>> {
        self.others.iter().find(|(own, _)| *own == name).map(|(_, upstream)| upstream)
    }

    /// The same, where another of the vendor's hosts is asked.
    pub fn at(&self, upstream: &'a dyn Upstream) -> Self {
        Self { upstream, ..self.clone() }
    }

    /// The same, for a caller that stops waiting for a whole reply at `deadline`.
    pub fn with_deadline(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// The same, where media may be fetched.
    pub fn with_fetch(self, fetch: Option<&'a FetchPolicy>) -> Self {
        Self { fetch, ..self }
    }

    /// The same, for a caller who sees of what upstreams keep what is his.
    pub fn with_belongings(self, belongings: Option<Belongings<'a>>) -> Self {
        Self { belongings, ..self }
    }

    /// The same, for replies, or events of a stream, of at most this many bytes.
    pub fn with_max_reply(self, max_reply: usize) -> Self {
        Self { max_reply, ..self }
    }
}

/// Lists a vendor's models.
#[async_trait]
pub trait Discover: Send + Sync {
    /// The models that the vendor offers now.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call.
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError>;
}

/// A model as its vendor lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DiscoveredModel {
    /// Its name.
    pub id: String,
    /// When it was made, in seconds since 1970, if the vendor says so.
    pub created: Option<u64>,
    /// How many tokens its context holds, if the vendor says so.
    pub context_window: Option<u64>,
}

impl DiscoveredModel {
    /// A model of which the name is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), created: None, context_window: None }
    }

    /// When it was made, in seconds since 1970.
    pub fn with_created(self, created: Option<u64>) -> Self {
        Self { created, ..self }
    }

    /// How many tokens its context holds.
    pub fn with_context_window(self, context_window: Option<u64>) -> Self {
        Self { context_window, ..self }
    }
}
