//! A request's way through the gateway, as a straight line: parse, admit, plan, attempt, watch, and
//! settle whatever happened. Written once, generic over the surface.
//!
//! An [`Engine`] is immutable; a new configuration is a new engine, and a reply stream keeps the one
//! that it came from. It knows no vendor, no configuration file and no HTTP server.
//!
//! [`Engine::open`] is stations 2 (parse); [`Opened::run`] is 3 to 6; the account that both share
//! settles (8) when it is dropped, exactly once, however the request ends.
//!
//! # Who is asked
//!
//! A request takes a [`Route`]. Of the targets there, those that own its model and serve its surface
//! are put in order by the route's strategy. Then they are asked, one after the other: whoever is
//! left alone (its [circuit](breaker) is open, or its [keys] rest) is stepped over; whoever is full
//! (its [`gate`]) is waited for when nobody else is left. What follows from a failure is in the
//! failure's [class](ferro_core::Class). What was decided is in the record, with reasons;
//! [`Opened::preview`] tells it without asking anybody.
//!
//! What a target cannot be told of a request ([`Serve::unsaid`](ferro_core::Serve::unsaid)) is listed in
//! the answer and in the record; with [`OnUnsaid::Reject`] such a target is not asked. Content that a
//! vendor cannot take is an error of the call, and the next target is asked.
//!
//! What is known about a target outlives the engine: [`Target::succeeding`].
//!
//! # Limitations
//!
//! What is known of targets is known in this process only. How long a target takes is told apart by
//! the models that the operator or the vendor names, a thousand at most; all others are one. What an abandoned call has cost is
//! estimated by its prompt.
//!
//! Where a vendor has not counted, because it does not or because the reply broke off, what was consumed is
//! estimated and marked so: by the texts of the request, which a stream keeps until its vendor has counted
//! them, and by what passed of the reply. Of the first kilobytes all is looked at, and of what came behind them
//! a sample, by which a long reply is estimated within a quarter. What cannot be seen (images, what was thought and not shown)
//! is not in it. A request that ends before its reply has begun has consumed nothing, as far as anybody said.

mod account;
mod admit;
pub mod affinity;
pub mod allowance;
mod began;
pub mod breaker;
mod by_model;
mod calls;
pub mod cooling;
mod discover;
mod engine;
mod estimate;
mod exchange;
pub mod gate;
pub mod hedge;
mod hedged;
pub mod keys;
mod ordering;
mod owners;
mod pace;
mod paces;
mod pass;
mod pause;
mod peek;
mod plan;
mod recent;
mod roster;
mod route;
mod run;
mod standing;
mod stay;
mod target;
mod turned_away;
mod unsaid;
mod walk;
mod watch;
mod whereabouts;

pub use engine::{Answer, AnswerBody, Caller, Engine, Issuers, Opened, Parts, StreamTimes};
pub use route::{Hedging, Member, Route, Stays, Takes};
pub use standing::{CircuitSettings, Kept};
pub use target::{Retry, Target, TargetParts};
pub use unsaid::OnUnsaid;
pub use watch::{Events, Passage};
pub use whereabouts::{Homes, Memory};
