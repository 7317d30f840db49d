//! In which order targets are asked: one strategy a file, each a pure function of what it is shown.
//!
//! A strategy is shown a request and the candidates that could answer it, and puts them in an order,
//! each with a reason for a person. It calls nobody, remembers nothing and waits for nothing: what
//! changes from one request to the next (load, latency, prices, chance) is in the
//! [`View`](ferro_core::View). So the same view gives the same order, and a decision can be explained
//! and replayed.
//!
//! | mode | who is first | who stands behind |
//! |---|---|---|
//! | `single` | the first target | nobody |
//! | `fallback` | the first target | the others, as listed |
//! | `loadbalance` | the less loaded of two, drawn by weight | the others, drawn by weight |
//! | `least-latency` | the fastest lately; now and then one that has not been seen for a while | the others, slower and slower |
//! | `cost-optimized` | the cheapest for this request | the others, dearer and dearer |
//! | `conditional` | the target of the first rule that the model, the caller or a header meets | the others, as listed |
//! | `content-based` | the target of the first rule that the prompt meets | the others, as listed |
//! | `ab-test` | a variant, drawn by weight | the variant's other targets, and nobody else |
//!
//! A target with a weight of 0 is drained: no strategy asks it, also when the others have failed.
//! Where all weights are 0, all are equal.
//!
//! ```
//! use ferro_core::{Candidate, Order, Principal, Strategy, SurfaceKind, TargetId, View};
//! use ferro_core::chat::ChatRequest;
//! use ferro_strategies::Fallback;
//!
//! let (one, two) = (TargetId::from("one"), TargetId::from("two"));
//! let mut candidates = [Candidate::new(&one), Candidate::new(&two)];
//! candidates[0].weight = 0.0;
//!
//! let request = ChatRequest::parse(br#"{"model":"m","messages":[{"role":"user"}]}"#.to_vec())?;
//! let (nobody, headers) = (Principal::ANONYMOUS, http::HeaderMap::new());
//! let view = View::new(&request, &nobody, &headers, SurfaceKind::Chat, &candidates);
//! let mut order = Order::default();
//! Fallback.order(&view, &mut order);
//! assert_eq!(order.picks()[0].candidate, 1, "the first is drained");
//! # Ok::<(), ferro_core::BadRequest>(())
//! ```
//!
//! # Limitations
//!
//! A strategy knows the candidates that it is shown: where those with a weight could not answer and
//! were left out before, the drained ones that remain count as all there is. Whoever leaves out the
//! unfit leaves out the drained, too.
//!
//! Beyond sixty-four candidates an order allocates, and those beyond 65,536 are nobody's. `content-based` borrows its patterns' scratch
//! space from a pool: nobody waits for it, but it may be made anew when many ask at once.

mod ab_test;
mod conditional;
mod content_based;
mod cost_optimized;
mod draw;
mod error;
mod fallback;
mod least_latency;
mod load_balance;
mod modes;
mod preferred;
mod shares;
mod single;

pub use ab_test::{AbTest, Sticky, Variant};
pub use conditional::{CONDITION_KEYS, Condition, Conditional};
pub use content_based::{ContentBased, ContentRule};
pub use cost_optimized::{CostOptimized, Unpriced};
pub use error::StrategyError;
pub use fallback::Fallback;
pub use least_latency::LeastLatency;
pub use load_balance::LoadBalance;
pub use modes::{MODES, Settings, build};
pub use single::Single;
