//! What upstreams keep for clients, and who remembers where.

use std::fmt;

use http::StatusCode;

use crate::{KeyId, Problem, TargetId};

/// What an upstream keeps under a name of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kept {
    /// A response that can be fetched again, or gone on from.
    Response,
    /// A conversation that responses are parts of.
    Conversation,
    /// A file.
    File,
    /// A batch of requests.
    Batch,
    /// Something else, called this: `vector store`.
    Other(&'static str),
    /// What is kept by those who serve messages, in their own words: `message batch`.
    OfMessages(&'static str),
}

impl Kept {
    /// What it is, for a message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Conversation => "conversation",
            Self::File => "file",
            Self::Batch => "batch",
            Self::Other(name) | Self::OfMessages(name) => name,
        }
    }

    /// Whether it is kept by those who serve messages, in their own words.
    pub fn is_of_messages(self) -> bool {
        matches!(self, Self::OfMessages(_))
    }

    /// The parameters by which the pages of a list of them are asked for: what comes behind an entry, and
    /// what before.
    pub(crate) fn cursors(self) -> [&'static str; 2] {
        if self.is_of_messages() { ["after_id", "before_id"] } else { ["after", "before"] }
    }
}

/// Something that an upstream keeps.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Thing {
    /// What it is.
    pub kind: Kept,
    /// How its upstream calls it, never rewritten; empty for all of its kind, or for a new one.
    pub id: Box<str>,
}

impl Thing {
    /// A longer name is nobody's: it would take room for nothing.
    const LONGEST: usize = 512;

    /// What is called so; `None` where nothing is.
    pub fn new(kind: Kept, id: &str) -> Option<Self> {
        let is_name = !id.is_empty() && id.len() <= Self::LONGEST;
        is_name.then(|| Self { kind, id: id.into() })
    }

    /// All of a kind, or one that is to be made.
    pub fn any(kind: Kept) -> Self {
        Self { kind, id: Box::default() }
    }

    /// What a client hears who asks for what is not his, or is nowhere.
    pub fn unknown(&self) -> Problem {
        let message = format!("there is no {} `{}`", self.kind.as_str(), self.id);
        Problem::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
    }
}

/// Whose something is, and where it lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Home {
    /// The key on whose behalf it was made; `None` where the gateway is open.
    pub owner: Option<KeyId>,
    /// The target that keeps it.
    pub target: TargetId,
    /// Which of the target's keys it was made with, where it has several: another one may be another
    /// account's.
    pub key: Option<u16>,
}

/// Remembers where things live. What it has is in memory, because every request that names something is
/// looked up; what stands behind that is its own business.
pub trait Whereabouts: fmt::Debug + Send + Sync {
    /// Whose a thing is and where it lives; `None` where that is not known (any more).
    fn find(&self, thing: &Thing) -> Option<Home>;

    /// Something was made.
    fn note(&self, thing: Thing, home: Home);
}

/// What upstreams keep, as one caller may see it.
#[derive(Clone, Copy, Debug)]
pub struct Belongings<'a> {
    whereabouts: &'a dyn Whereabouts,
    owner: Option<&'a KeyId>,
}

impl<'a> Belongings<'a> {
    /// What belongs to a key; to nobody in particular where the gateway is open.
    pub fn new(whereabouts: &'a dyn Whereabouts, owner: Option<&'a KeyId>) -> Self {
        Self { whereabouts, owner }
    }

    /// Whether the caller is nobody in particular.
    pub fn are_open(&self) -> bool {
        self.owner.is_none()
    }

    /// Whether something is the caller's. What nobody remembers is no key's, and is anybody's who needs
    /// none.
    pub fn have(&self, thing: &Thing) -> bool {
        match self.whereabouts.find(thing) {
            Some(home) => home.owner.as_ref() == self.owner,
            None => self.owner.is_none(),
        }
    }
}
