//! The contracts of the gateway: what a provider, a plugin, a strategy and the engine promise one
//! another. This is the one crate that a third party must learn.
//!
//! # The model
//!
//! A request is the client's bytes plus the few facts that routing needs ([`Subject`]). It asks for
//! one [`Surface`] (chat, embeddings, …). A [`Provider`] is an identity plus the surfaces it serves,
//! each as a [`Serve`]; most vendors only implement [`Host`] once, and [`Wire`] for each surface, pure
//! functions between our types and theirs, and are driven by this crate. A reply is a whole or a stream of [`Frame`]s, each one or
//! more whole events, as they will be written.
//!
//! Policy stands at three places: a [`Guard`] decides before the upstream is asked, a [`Tap`] sees
//! the reply pass, an [`Observer`] learns how it ended. A [`Strategy`] orders targets and does
//! nothing else. How a request ended is one [`Record`].
//!
//! # A provider
//!
//! ```
//! use ferro_core::{Provider, Serve, surface::Chat};
//!
//! /// Serves nothing yet; `chat` would return something that implements `Host` and `Wire<Chat>`.
//! #[derive(Debug)]
//! struct Acme;
//! impl Provider for Acme {}
//!
//! let acme: &dyn Provider = &Acme;
//! assert!(acme.chat().is_none(), "a surface that is not served is refused while routing");
//! ```
//!
//! # Limitations
//!
//! The contracts of stores and of the tool loop are not here yet.

pub mod chat;
mod classification;
mod credential;
mod decision;
pub mod document;
pub mod drive;
mod error;
mod evidence;
mod excerpt;
mod factory;
mod facts;
mod fields;
mod finish;
pub mod forward;
mod guard;
mod held;
mod host;
mod ids;
mod inbound;
mod ingress;
pub mod media;
mod money;
mod observer;
mod path;
mod plugin;
mod principal;
mod problem;
mod provider;
mod record;
mod record_json;
mod registry;
mod renewal;
mod reply;
pub mod retry_after;
mod secret;
mod strategy;
pub mod surface;
mod tap;
mod tokens;
pub mod upload;
mod upstream;
mod usage;
mod vendor_wire;
mod whereabouts;

pub use classification::{Class, Cools, ErrorKind};
pub use credential::{
    ApiKey, Credential, CredentialContext, CredentialError, CredentialSource, SigningKey,
    StaticCredential,
};
pub use decision::{Affinity, CannotSay, Considered, Decision, Fate, Hedge, Why};
pub use error::ProviderError;
pub use evidence::{Evidence, Fixtures, Tried};
pub use excerpt::excerpt;
pub use factory::{
    BuildContext, BuildError, Built, Description, EnvVar, ProviderFactory, Settings, Vars, Way,
};
pub use facts::{ModelFacts, Models};
pub use finish::Finish;
pub use guard::{Guard, GuardContext, PluginError, Recording, Reservation, Verdict};
pub use held::{Spool, Spooled};
pub use host::{Auth, Host};
pub use ids::{KeyId, RequestId, TargetId};
pub use inbound::{Asked, BadRequest, Body, BodyError, Inbound, Limits};
pub use ingress::{Ingress, Route};
pub use media::{DataUrl, FetchPolicy, Fetched, Media, Need};
pub use money::{Cost, Money, Rates, Unpriced};
pub use observer::Observer;
pub use path::segments;
pub use plugin::{Plugin, PluginContext, PluginFactory, Stage};
pub use principal::Principal;
pub use problem::{Problem, UpstreamAnswer};
pub use provider::{Call, CallContext, Discover, DiscoveredModel, Owns, Provider, Serve};
pub use record::{Attempt, Outcome, Price, Record};
pub use registry::{Registry, UnknownKind};
pub use renewal::Renewal;
pub use reply::{Delta, Frame, Frames, Head, Malformed, Reply, ReplyBody, Whole};
pub use secret::Secret;
pub use strategy::{Candidate, Order, Pick, Strategy, View};
pub use surface::{Replay, Served, Speaker, Subject, Surface, SurfaceKind};
pub use tap::{Flow, Tap, TapSession};
pub use tokens::{ByScript, Tokenizer, Vocabulary};
pub use upload::Upload;
pub use upstream::{Errands, Inflow, Origin, OriginError, Payload, Transport, Upstream};
pub use usage::{Besides, Images, ServiceTier, Usage};
pub use vendor_wire::{Comes, Decoder, InParts, Join, Unsaid, Wire};
pub use whereabouts::{Belongings, Home, Kept, Thing, Whereabouts};
