//! What goes onto the wire in answer to one request: bytes, pauses, and an end.

use std::time::Duration;

use bytes::Bytes;

/// An answer as it goes onto the wire. Whatever a server could send, a script can say, also what no
/// HTTP library would.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
}

/// One step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// The bytes, as often as said: so that a large body need not be held.
    Write { bytes: Bytes, times: usize },
    /// Nothing for a while.
    Pause(Duration),
    /// Nothing more, until the peer leaves.
    Stall,
}

/// What happens to the connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum End {
    /// It waits for another request.
    #[default]
    Open,
    /// It is closed.
    Close,
    /// It is reset: the peer sees an error, not an end.
    Reset,
}

impl Script {
    /// Says nothing, and waits for the next request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes `bytes`, at once.
    pub fn write(self, bytes: impl Into<Bytes>) -> Self {
        self.repeat(bytes, 1)
    }

    /// Writes `bytes`, `times` times.
    pub fn repeat(mut self, bytes: impl Into<Bytes>, times: usize) -> Self {
        self.steps.push(Step::Write { bytes: bytes.into(), times });
        self
    }

    /// Is silent for a while.
    pub fn pause(mut self, time: Duration) -> Self {
        if !time.is_zero() {
            self.steps.push(Step::Pause(time));
        }
        self
    }

    /// Is silent until the peer leaves.
    pub fn stall(mut self) -> Self {
        self.steps.push(Step::Stall);
        self
    }

    /// Closes the connection after the last step.
    pub fn close(self) -> Self {
        Self { end: End::Close, ..self }
    }

    /// Resets the connection after the last step.
    pub fn reset(self) -> Self {
        Self { end: End::Reset, ..self }
    }

    /// The same bytes in small pieces, with a pause before each.
    pub fn slowly(self, piece: usize, pause: Duration) -> Self {
        let mut slow = Self { steps: Vec::new(), end: self.end };
        for step in self.steps {
            match step {
                Step::Write { bytes, times } => {
                    for _ in 0..times {
                        for piece in bytes.chunks(piece.max(1)) {
                            slow = slow.pause(pause).write(bytes.slice_ref(piece));
                        }
                    }
                }
                other => slow.steps.push(other),
            }
        }
        slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_script_says_the_same_bytes_in_pieces() {
        let slow = Script::new().write("abcde").close().slowly(2, Duration::from_millis(1));
        let said = slow.steps.iter().filter_map(|step| match step {
            Step::Write { bytes, times: 1 } => Some(bytes.clone()),
            _ => None,
        });
        let said = said.collect::<Vec<_>>();
        assert_eq!(said, ["ab", "cd", "e"]);
        assert_eq!((slow.steps.len(), slow.end), (6, End::Close));
    }
}
