//! Cohere's wire (v2: chat, embeddings, rankings), for every vendor that speaks it: Cohere itself, and clouds that host its
//! models.
//!
//! [`ChatWire`] is the whole of it at a place; [`encode`], [`unsaid`] and [`refuse`] are the same as
//! functions, for a vendor that frames them otherwise. A [`Profile`] says what such a vendor leaves
//! out.
//!
//! # What becomes of what
//!
//! | the chat wire | Cohere |
//! |---|---|
//! | `top_p`, `top_k`, `stop`, `max_completion_tokens` | `p`, `k`, `stop_sequences`, `max_tokens` |
//! | `reasoning_effort` | `thinking`, with the budget of [`Profile::budgets`] |
//! | `tool_choice` that names one or some | only those are offered, and `REQUIRED` where one has to be called |
//! | `strict` on every tool | `strict_tools` |
//! | `response_format` with a schema | `json_object` with `json_schema` |
//! | a tool's result that is a JSON object | a document, so that it can be cited; any other stays text |
//! | `reasoning_content` with tool calls, without | `tool_plan`; content of type `thinking` |
//! | `documents`, `safety_mode`, `strict_tools`, `citation_options`, `thinking`, `priority` | the same, as they stand |
//!
//! Back come `tool_plan` and thinking as `reasoning_content`, and as `reasoning_details` whose
//! [formats](FORMAT_PLAN) tell the two apart, so that a turn goes back as it came. A citation becomes
//! an annotation for each of its sources: `url_citation` where the source has a URL, else `citation`;
//! both carry the cited text and the source itself. Where it names a tool's call, that is the name
//! which the client gave it.
//!
//! # How it counts
//!
//! `usage.billed_units` is what is reported, because what is reported is priced: `usage.tokens` also
//! counts what Cohere itself writes around a prompt, which nobody pays. Where nothing is billed (a
//! vendor that only hosts the models) `tokens` counts.
//!
//! # What it costs
//!
//! A hundred kilobytes of chat are encoded in about 50 µs, and an event of a stream decoded in under
//! 2 µs: less than `serde_json::Value` takes to read the same bytes. `benches/wire.rs` has the table.
//!
//! # Limitations
//!
//! One answer at a time (`n`), no probabilities of alternatives, no `logit_bias`: each is reported as
//! unsaid. Probabilities are of pieces of text, of which one may be several tokens.

mod decode;
pub mod documents;
mod encode;
mod finish;
mod profile;
mod refusal;
mod wire;

pub use decode::ChatDecoder;
pub use documents::DocumentWire;
pub use encode::{encode, unsaid};
pub use profile::{Budgets, FORMAT_PLAN, FORMAT_THINKING, Profile};
pub use refusal::refuse;
pub use wire::ChatWire;
