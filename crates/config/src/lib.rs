//! What was typed, made into a plan: the configuration file and the environment's defaults.
//!
//! A file is YAML or JSON. It is read into a tree that knows where everything stands, typed key by
//! key, and checked; whatever is wrong is said at once, each mistake at its line:
//!
//! ```
//! use ferro_config::{Config, Format};
//!
//! let config = Config::parse("targets:\n  - virtual_key: acme\n", Format::Yaml)?;
//! assert_eq!(config.targets[0].kind(), "acme");
//!
//! let text = "targets:\n  - virtual_key: acme\n    retry: {attempts: often}\n    weight: -1\n";
//! let error = Config::parse(text, Format::Yaml).unwrap_err();
//! let paths: Vec<_> = error.diagnostics().iter().map(|wrong| wrong.path.as_str()).collect();
//! assert_eq!(paths, ["targets[0].retry.attempts", "targets[0].weight"]);
//! assert_eq!(error.diagnostics()[1].position.unwrap().line, 4);
//! # Ok::<(), ferro_config::ConfigError>(())
//! ```
//!
//! Three rules hold throughout:
//!
//! - **What is odd is said, and what is wrong is refused.** Unknown keys are [warnings](Config::warnings)
//!   unless [`Strictness::Strict`] is asked for; a wrong type or a number out of range is an error.
//! - **What does nothing yet is named.** [`Config::inactive`] lists what a configuration uses that
//!   this build accepts and does not serve.
//! - **A secret is not shown.** `${VARIABLE}` is kept as typed and [replaced](SecretRef::resolve) when
//!   a component is built; a secret that is typed out shows as `[REDACTED]`, and a line of the file
//!   is shown with its secrets covered.
//!
//! # Limitations
//!
//! Where components are named (providers, plugins, exporters), whether the build has them is found
//! out when they are built. A configuration that is written out cannot be read back if it has a
//! secret that is typed out: it is withheld, and `[REDACTED]` is refused. JSON is checked as JSON and
//! then read as the YAML that it also is: a key of more than 1024 characters, or a raw control
//! character that only JSON allows, is refused.

mod check;
mod diagnostic;
mod document;
mod duration;
mod environment;
mod error;
mod finding;
mod inactive;
mod literal;
mod load;
mod masks;
mod nearest;
mod opaque;
mod paths;
mod reading;
mod reference;
mod report;
mod schema;
mod secret_ref;
mod source;
mod url_ref;
mod variables;

pub use diagnostic::{Diagnostic, Position, Severity};
pub use duration::parse as parse_duration;
pub use error::ConfigError;
pub use inactive::Inactive;
pub use load::{Format, Strictness};
pub use opaque::Opaque;
pub use reference::Unresolved;
pub use schema::{
    AbVariant, Affinity, AffinityBy, CircuitBreaker, Compatibility, Concurrency, Condition, Config,
    ContentCondition, ContentTest, Exporter, Hedging, Key, McpServer, Media, MediaFetch, Mode,
    Observability, OnUnsupportedParam, Plugin, Prices, PrivacyLevel, Protocol, Retry, RetryBudget,
    Route, Strategy, Stream, Target, Timeouts, Tracing, Unpriced, When,
};
pub use secret_ref::SecretRef;
pub use source::Source;
pub use url_ref::UrlRef;
