//! A circuit's state in one word, so that it is read and changed at once.

/// Probes under way have as many bits.
const PROBE_BITS: u32 = 15;
/// Probes that succeeded have as many.
const SUCCESS_BITS: u32 = 16;
const OPEN: u64 = 1 << (PROBE_BITS + SUCCESS_BITS);

/// The most probes that can be counted.
pub(super) const MOST_PROBES: u32 = (1 << PROBE_BITS) - 1;
/// The most successes that can be counted.
pub(super) const MOST_SUCCESSES: u32 = (1 << SUCCESS_BITS) - 1;
/// The most failures in a row that can be counted.
pub(super) const MOST_FAILURES: u32 = (1 << (PROBE_BITS + SUCCESS_BITS)) - 1;

/// Which life of the circuit it is (every opening and every closing begins one), and what was
/// counted in it: failures in a row while it is closed; probes under way and those that succeeded
/// while it is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Word(pub(super) u64);

impl Word {
    pub(super) fn closed(generation: u32, failures: u32) -> Self {
        Self(u64::from(generation) << 32 | u64::from(failures.min(MOST_FAILURES)))
    }

    pub(super) fn open(generation: u32, probes: u32, successes: u32) -> Self {
        let counts = u64::from(probes.min(MOST_PROBES)) << SUCCESS_BITS
            | u64::from(successes.min(MOST_SUCCESSES));
        Self(u64::from(generation) << 32 | OPEN | counts)
    }

    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Whether it is open, or half open: which of the two, the clock says.
    pub(super) fn is_open(self) -> bool {
        self.0 & OPEN != 0
    }

    /// Failures in a row, of a closed circuit.
    #[expect(clippy::cast_possible_truncation, reason = "masked to 31 bits")]
    pub(super) fn failures(self) -> u32 {
        (self.0 & u64::from(MOST_FAILURES)) as u32
    }

    /// Probes under way, of an open circuit.
    pub(super) fn probes(self) -> u32 {
        self.failures() >> SUCCESS_BITS
    }

    /// Probes that succeeded, of an open circuit.
    pub(super) fn successes(self) -> u32 {
        self.failures() & MOST_SUCCESSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_word_comes_out_of_it() {
        for generation in [0, 7, u32::MAX] {
            for count in [0, 1, MOST_PROBES] {
                let closed = Word::closed(generation, count);
                assert!(!closed.is_open());
                assert_eq!((closed.generation(), closed.failures()), (generation, count));
                let open = Word::open(generation, count, MOST_SUCCESSES - count);
                assert!(open.is_open());
                assert_eq!(open.generation(), generation);
                assert_eq!((open.probes(), open.successes()), (count, MOST_SUCCESSES - count));
            }
        }
        assert_eq!(Word::closed(1, u32::MAX), Word::closed(1, MOST_FAILURES));
        assert_eq!(Word::open(1, u32::MAX, u32::MAX), Word::open(1, MOST_PROBES, MOST_SUCCESSES));
    }
}
