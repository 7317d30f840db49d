//! The gateway as a library: what an embedding program depends on.
//!
//! A [`Gateway`] is built from a [`Config`] (what an operator typed) and a [`Registry`] (what this
//! program can be configured to use), without any I/O. It answers through methods, one a surface,
//! or over HTTP through the router of the data plane's crate.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use ferro_gateway::{ChatRequest, Config, Gateway, Registry, anonymous};
//!
//! let config = Config::load("config.yaml")?;
//! let gateway = Gateway::builder().config(config).registry(Registry::new()).build()?;
//! let request = ChatRequest::parse(br#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#.to_vec())?;
//! let reply = gateway.chat(request, anonymous()).await?;
//! println!("{}", String::from_utf8_lossy(&reply.body().to_bytes()));
//! # Ok(()) }
//! ```
//!
//! # Coming from the Go library
//!
//! | There | Here |
//! |---|---|
//! | `New`, `RegisterProvider`, `RegisterPlugin`, `AddHook`, `LoadPlugins` | [`Gateway::builder`] with [`register_provider`](GatewayBuilder::register_provider), [`register_plugin`](GatewayBuilder::register_plugin), [`add_hook`](GatewayBuilder::add_hook), [`build`](GatewayBuilder::build) |
//! | `LoadConfig`, `ValidateConfig` | [`Config::load`], [`Config::validate`] |
//! | `Route`, `RouteStream` | [`Gateway::chat`], [`Gateway::chat_stream`] |
//! | `AllModels` | [`Gateway::models`] |
//! | `Get`, `GetProvider`, `List`, `ListProviders` | [`Gateway::provider`], [`Gateway::providers`] |
//! | `FindByModel`, `FindStreamingByModel` | [`Gateway::resolve`] |
//! | `GetConfig`, `ReloadConfig` | [`Gateway::config`], [`Gateway::reload`] |
//! | `StartDiscovery` | [`Gateway::start_discovery`] |
//! | `MCPInitDone` | [`Gateway::mcp_ready`] |
//! | `Close` | [`Gateway::shutdown`] |
//! | `SubjectRequestCompleted`, `SubjectRequestFailed` | [`REQUEST_COMPLETED`], [`REQUEST_FAILED`] |
//!
//! # Limitations
//!
//! Chat is the one surface so far: `Embed`, `GenerateImage` and `Catalog` have no counterpart yet.

mod abilities;
mod build;
mod call;
mod discovery;
mod explanation;
mod gateway;
mod history;
mod hook;
mod lifecycle;
mod models;
mod outbox;
mod probe;
mod recipe;
mod record_log;
mod refresh;
mod routes;
mod strategy;
mod target;

pub use abilities::{Abilities, Reach};
pub use build::{GatewayBuilder, GatewayError};
pub use call::{ChatStream, anonymous};
pub use discovery::ZeroInterval;
pub use explanation::{Explanation, Told};
pub use ferro_access::{Doors, Keyring};
pub use ferro_config::{Config, ConfigError, Diagnostic, Format, Strictness};
pub use ferro_core::{
    Problem, Record, Registry,
    chat::{ChatEvent, ChatRequest, ChatResponse},
};
pub use ferro_engine::{Answer, AnswerBody, Caller, Engine, Events, Opened, StreamTimes};
pub use gateway::{Gateway, ReloadReport, Resolved};
pub use hook::{Event, REQUEST_COMPLETED, REQUEST_FAILED};
pub use lifecycle::doubts;
pub use models::{Listed, Model};
pub use recipe::Skipped;
pub use record_log::RecordFormat;
pub use refresh::CatalogSource;
