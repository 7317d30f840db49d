//! What a frame begins with: its length, the length of its headers, and a checksum of both.

use super::FrameError;

/// The length of a prelude, with its checksum.
pub(super) const PRELUDE: usize = 12;
/// The length of a checksum.
pub(super) const CHECKSUM: usize = 4;

/// The lengths that a frame begins with, which fit each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prelude {
    /// How long the frame is, with the prelude and both checksums.
    pub(super) length: usize,
    /// How long its headers are.
    pub(super) headers: usize,
}

impl Prelude {
    /// The prelude of a frame, if enough of it has arrived.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, FrameError> {
        if bytes.len() < PRELUDE {
            return Ok(None);
        }
        let [length, headers, said] = [0, 4, 8].map(|at| number(&bytes[at..]));
        let counted = crc32fast::hash(&bytes[..PRELUDE - CHECKSUM]);
        if said != counted {
            return Err(FrameError::PreludeChecksum { said, counted });
        }
        let (length, headers) = (length as usize, headers as usize);
        match length.checked_sub(PRELUDE + CHECKSUM) {
            None => Err(FrameError::Length { length }),
            Some(room) if headers > room => Err(FrameError::HeadersLength { headers, room }),
            Some(_) => Ok(Some(Self { length, headers })),
        }
    }
}

/// The number that the first four bytes are.
pub(super) fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}
