//! Every vendor that speaks OpenAI's wire, as a row of a table; and `openai-compatible`, for one
//! that has no row: a target names its `base_url`.
//!
//! ```
//! let kinds: Vec<_> = ferro_provider_openai_compatible::PROVIDERS
//!     .iter()
//!     .map(|factory| factory.describe().kind)
//!     .collect();
//! assert!(kinds.contains(&"groq") && kinds.contains(&"openai-compatible"));
//! ```

mod further;
mod vendors;

pub use vendors::PROVIDERS;
