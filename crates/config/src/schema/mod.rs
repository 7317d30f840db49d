//! The keys of a configuration, one idea a file. What is absent has its type's default, which is
//! documented at the field; what is at its default is not written out again.

mod affinity;
mod breaker;
mod compatibility;
mod config;
mod mcp;
mod media;
mod observability;
mod plugin;
mod prices;
mod retry;
mod route;
mod strategy;
mod stream;
mod target;
mod timeouts;
mod words;

pub use affinity::{Affinity, AffinityBy, Hedging};
pub use breaker::{CircuitBreaker, Concurrency};
pub use compatibility::{Compatibility, OnUnsupportedParam};
pub use config::Config;
pub use mcp::McpServer;
pub use media::{Media, MediaFetch};
pub use observability::{Exporter, Observability, PrivacyLevel, Protocol, Tracing};
pub use plugin::Plugin;
pub use prices::Prices;
pub use retry::{Retry, RetryBudget};
pub use route::{Route, When};
pub use strategy::{AbVariant, Condition, ContentCondition, ContentTest, Mode, Strategy, Unpriced};
pub use stream::Stream;
pub use target::{Key, Target};
pub use timeouts::Timeouts;

/// Whether a field is at its default, so that writing it out says nothing.
fn unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
