//! What each strategy promises, law by law.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod ab_test;
mod allocations;
mod ask;
mod conditional;
mod content_based;
mod cost_optimized;
mod least_latency;
mod load_balance;
mod modes;
mod properties;
mod weights;
