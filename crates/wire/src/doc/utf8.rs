//! Checks that bytes are UTF-8, in pieces that may cut a character.

/// Remembers the beginning of a character whose end has not arrived.
#[derive(Default)]
pub(super) struct Utf8 {
    at: usize,
    carry: Vec<u8>,
}

impl Utf8 {
    /// Reads the next piece; `Err` is the offset of the first bad byte.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), usize> {
        while !self.carry.is_empty() && !piece.is_empty() {
            self.carry.push(piece[0]);
            piece = &piece[1..];
            match std::str::from_utf8(&self.carry) {
                Ok(_) => {
                    self.at += self.carry.len();
                    self.carry.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(self.at),
            }
        }
        match simdutf8::compat::from_utf8(piece) {
            Ok(_) => self.at += piece.len(),
            Err(error) => {
                self.at += error.valid_up_to();
                if error.error_len().is_some() {
                    return Err(self.at);
                }
                self.carry.extend_from_slice(&piece[error.valid_up_to()..]);
            }
        }
        Ok(())
    }

    /// The bytes are over.
    pub(super) fn finish(&self) -> Result<(), usize> {
        if self.carry.is_empty() { Ok(()) } else { Err(self.at) }
    }
}
