//! A request's way through the gateway, as a straight line: parse, admit, plan, attempt, watch, and
//! settle whatever happened. Written once, generic over the surface.
//!
//! An [`Engine`] is immutable; a new configuration is a new engine, and a reply stream keeps the one
//! that it came from. It knows no vendor, no configuration file and no HTTP server.
//!
//! [`Engine::open`] is stations 2 (parse); [`Opened::run`] is 3 to 6; the account that both share
//! settles (8) when it is dropped, exactly once, however the request ends.
//!
//! # Limitations
//!
//! Breakers, concurrency limits and key pools are not here yet.

mod account;
mod admit;
pub mod affinity;
pub mod allowance;
mod began;
pub mod breaker;
mod calls;
pub mod cooling;
mod discover;
mod engine;
mod exchange;
pub mod gate;
pub mod hedge;
mod hedged;
pub mod keys;
mod ordering;
mod owners;
mod pace;
mod pass;
mod pause;
mod peek;
mod plan;
mod recent;
mod route;
mod run;
mod standing;
mod stay;
mod target;
mod turned_away;
mod walk;
mod watch;

pub use engine::{Answer, AnswerBody, Caller, Engine, Opened, Parts, StreamTimes};
pub use route::{Hedging, Member, Route, Stays, Takes};
pub use standing::{CircuitSettings, Kept};
pub use target::{Retry, Target, TargetParts};
pub use watch::Events;
