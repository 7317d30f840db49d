//! A body that is being taken in.

use bytes::Bytes;
use ferro_wire::{Joined, Rope};

use super::{Segment, Spool, spool::SpoolFile};

/// As much is held in memory: a larger body goes to a file.
const IN_MEMORY: usize = 1 << 20;
/// So much is written to a file at once.
const BATCH: usize = 128 << 10;
/// Small pieces are joined up to this size.
const BLOCK: usize = 64 << 10;

/// Takes in a body: in memory while it is small, then in a file.
pub(crate) struct Store<'a> {
    spool: Option<&'a Spool>,
    file: Option<(SpoolFile, u64)>,
    /// What is not in the file.
    rope: Rope,
    block: Joined,
    /// Whether more is known to come than is held in memory.
    is_large: bool,
}

/// There is no room for more, or was none for the last: no file can be made or written to.
#[derive(Debug)]
pub(crate) struct Full;

impl<'a> Store<'a> {
    /// A store for a body of which `announced` bytes will come, as far as is known.
    pub(crate) fn new(spool: Option<&'a Spool>, announced: Option<u64>) -> Self {
        let is_large = announced.is_some_and(|length| length > IN_MEMORY as u64);
        let (rope, block) = (Rope::default(), Joined::default());
        Self { spool, file: None, rope, block, is_large }
    }

    /// Takes in a piece, which is kept even where there is no room for more.
    pub(crate) async fn push(&mut self, piece: Bytes) -> Result<(), Full> {
        if self.block.len() + piece.len() > BLOCK {
            self.rope.push(self.block.take());
        }
        self.block.push(piece, BLOCK);
        let held = self.rope.len() + self.block.len();
        let goes_to_file = self.file.is_some() || self.is_large;
        if held > if goes_to_file { BATCH } else { IN_MEMORY } {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// The body, now that all of it has come; its end is written as well, so that what is waited for
    /// elsewhere holds no memory.
    pub(crate) async fn finish(mut self) -> Vec<Segment> {
        if self.file.is_some() {
            let _held_instead = self.flush().await;
        }
        self.segments()
    }

    /// What is here so far.
    pub(crate) fn segments(mut self) -> Vec<Segment> {
        self.rope.push(self.block.take());
        let file = self.file.map(|(file, length)| Segment::File(file, 0..length));
        file.into_iter().chain(self.rope.parts().cloned().map(Segment::Bytes)).collect()
    }

    /// Writes what is held to the file. What could not be written is still held.
    async fn flush(&mut self) -> Result<(), Full> {
        self.rope.push(self.block.take());
        if self.file.is_none() {
            let spool = self.spool.ok_or(Full)?;
            self.file = Some((spool.file().await.map_err(|_| Full)?, 0));
        }
        let (file, length) = self.file.as_mut().expect("it was just made");
        file.write(*length, self.rope.clone()).await.map_err(|_| Full)?;
        *length += self.rope.len() as u64;
        self.rope = Rope::default();
        Ok(())
    }
}
