//! What the engine promises, with scripted targets.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod allocations;
mod breakage;
mod credentials;
mod estimates;
mod fifty_targets;
mod hedges;
mod key_pools;
mod left_alone;
mod patience;
mod places;
mod policy;
mod routing;
mod scenario;
mod settles_once;
mod shown_to_strategies;
mod targets_in_turn;
mod unsaid;
