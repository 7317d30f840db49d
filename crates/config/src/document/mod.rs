//! A file as a tree that knows where each of its pieces stands.

mod node;
mod origin;
mod prune;
mod read;

pub(crate) use node::{Entry, Kind, Node, Span};
pub(crate) use origin::Origin;
pub(crate) use prune::{locate, remove, strip};
pub(crate) use read::{Broken, read};
