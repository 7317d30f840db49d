//! By what the kinds of a provider crate were tried.

use serde::Serialize;

/// By what the kinds of a provider crate were tried, as its tests tell: made from them when a build is
/// listed, and not written by hand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// The vendors' own libraries, with their versions, that judge what is sent.
    pub oracles: &'static [&'static str],
    /// What vendors answer, kept in files, by kind.
    pub fixtures: &'static [Fixtures],
}

impl Evidence {
    /// These libraries and these fixtures.
    pub const fn new(oracles: &'static [&'static str], fixtures: &'static [Fixtures]) -> Self {
        Self { oracles, fixtures }
    }
}

/// How many fixtures of a kind there are, by where they come from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fixtures {
    /// The kind; empty for those of every kind of the crate.
    #[serde(skip)]
    pub kind: &'static str,
    /// A public document or repository.
    pub document: u32,
    /// An official library, whose types wrote them.
    pub sdk: u32,
    /// The vendor itself.
    pub recorded: u32,
    /// Made up, after a fact.
    pub constructed: u32,
}

impl Fixtures {
    /// So many of a kind: from documents, from libraries, recorded, and constructed.
    pub const fn new(kind: &'static str, counts: [u32; 4]) -> Self {
        let [document, sdk, recorded, constructed] = counts;
        Self { kind, document, sdk, recorded, constructed }
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.document + self.sdk + self.recorded + self.constructed
    }

    fn and(self, other: &Self) -> Self {
        Self {
            kind: self.kind,
            document: self.document + other.document,
            sdk: self.sdk + other.sdk,
            recorded: self.recorded + other.recorded,
            constructed: self.constructed + other.constructed,
        }
    }
}

/// By what one kind was tried.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tried {
    /// The vendors' own libraries that judge what is sent.
    pub oracles: &'static [&'static str],
    /// Fixtures of its own.
    pub own: Fixtures,
    /// Fixtures that it has in common with the other kinds of its crate.
    pub shared: Fixtures,
}

impl Tried {
    /// What of `evidence` is about `kind`.
    pub(crate) fn of(kind: &'static str, evidence: &Evidence) -> Self {
        let sum = |kind: &'static str| {
            let all = evidence.fixtures.iter().filter(|fixtures| fixtures.kind == kind);
            all.fold(Fixtures { kind, ..Fixtures::default() }, Fixtures::and)
        };
        Self { oracles: evidence.oracles, own: sum(kind), shared: sum("") }
    }
}
