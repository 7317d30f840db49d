//! A prompt as its hashes at certain lengths, each of which says what the whole beginning was.

use std::{
    array, fmt,
    hash::{BuildHasher, Hash, Hasher},
};

use ferro_core::{KeyId, Speaker};
use foldhash::quality::{FixedState, FoldHasher};

/// A mark stands after so many bytes of text at the earliest, and the next one after as many more.
const FIRST: u64 = 1_024;
/// Or after this part of what lies before it, so that a few marks reach through a long prompt.
const PART: u64 = 8;
/// Marks of one prompt: they reach through five megabytes.
const MARKS: usize = 64;
/// After how many bytes of text each of them stands.
const LENGTHS: [u64; MARKS] = lengths();

const fn lengths() -> [u64; MARKS] {
    let mut lengths = [FIRST; MARKS];
    let mut n = 1;
    while n < MARKS {
        let part = lengths[n - 1] / PART;
        lengths[n] = lengths[n - 1] + if part > FIRST { part } else { FIRST };
        n += 1;
    }
    lengths
}

/// A prompt's trail: built text by text, in the order in which a model reads them.
#[derive(Clone)]
pub struct Trail {
    /// Of whom asks for what, before any text.
    begun: FoldHasher<'static>,
    hasher: FoldHasher<'static>,
    /// Bytes of text so far.
    length: u64,
    marks: [u64; MARKS],
    /// How many of them are set. Invariant: no more than there are.
    set: usize,
    session: Option<u64>,
}

impl Trail {
    pub(super) fn new(seed: u64, tenant: Option<&KeyId>, model: &str) -> Self {
        let mut hasher = FixedState::with_seed(seed).build_hasher();
        hasher.write_u8(u8::from(tenant.is_some()));
        for name in [tenant.map_or("", KeyId::as_str), model] {
            hasher.write_usize(name.len());
            hasher.write(name.as_bytes());
        }
        let begun = hasher.clone();
        Self { begun, hasher, length: 0, marks: array::from_fn(|_| 0), set: 0, session: None }
    }

    /// The session that the client names.
    pub fn session(&mut self, name: &str) {
        let mut hasher = self.begun.clone();
        hasher.write_u8(b's');
        hasher.write(name.as_bytes());
        self.session = Some(hasher.finish());
    }

    /// The prompt's next text. Reads it once, and allocates nothing.
    pub fn text(&mut self, speaker: Speaker, text: &str) {
        self.hasher.write_u8(b't');
        speaker.hash(&mut self.hasher);
        let mut rest = text.as_bytes();
        while let Some(next) = LENGTHS.get(self.set) {
            let wanted = usize::try_from(next - self.length).unwrap_or(usize::MAX);
            let Some((piece, more)) = rest.split_at_checked(wanted) else { break };
            self.hasher.write(piece);
            self.length = *next;
            self.marks[self.set] = self.hasher.finish();
            self.set += 1;
            rest = more;
        }
        if self.set < MARKS {
            self.hasher.write(rest);
            self.length += rest.len() as u64;
        }
    }

    /// How many bytes of text it was built of, as far as marks reach.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// The marks, the longest beginning last, with how long it is.
    pub(super) fn marks(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> {
        let (lengths, marks) = (LENGTHS.get(..self.set), self.marks.get(..self.set));
        let lengths = lengths.unwrap_or_default().iter().copied();
        lengths.zip(marks.unwrap_or_default().iter().copied())
    }

    pub(super) fn session_mark(&self) -> Option<u64> {
        self.session
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trail").field("length", &self.length).finish_non_exhaustive()
    }
}
