//! Chance, drawn out of one roll: a weighted order of any number of candidates.

use smallvec::SmallVec;

/// Candidates in the order of a measure. Holds sixty-four without allocating, as an order does.
///
/// Each is one number, which is what makes a long line cheap to sort: the measure's upper bits, and
/// the candidate's place in the lower ones. Measures that differ by less than one part in sixty-eight
/// thousand millions are equal, and of equals the first in the configured order is first.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Line(SmallVec<[u64; 64]>);

/// The bits of a candidate's place. Nobody chooses among more.
const PLACE: u64 = 0xFFFF;

impl Line {
    /// These candidates, each by its measure, which is no negative number.
    pub(crate) fn of(measured: impl Iterator<Item = (usize, f64)>) -> Self {
        // The bits of floats that are not negative are in the order of the floats.
        let packed =
            measured.map(|(at, measure)| measure.abs().to_bits() & !PLACE | at as u64 & PLACE);
        let mut line: SmallVec<_> = packed.collect();
        line.sort_unstable();
        Self(line)
    }

    /// Whether nobody is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their places among the candidates, first to last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|packed| (packed & PLACE) as usize)
    }
}

/// One roll, drawn out into as many independent numbers as are needed.
///
/// The numbers are `SplitMix64`'s: written out here rather than taken from a library, so that a roll
/// that was recorded says the same after any upgrade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Rolls that stand next to one another give numbers that have nothing to do with each other.
    pub(crate) fn new(roll: u64) -> Self {
        Self(mix(roll ^ 0x6A09_E667_F3BC_C908))
    }

    /// The `n`th number, above 0 and at most 1.
    pub(crate) fn unit(self, n: u64) -> f64 {
        let bits = mix(self.0.wrapping_add(n.wrapping_mul(GOLDEN)));
        ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}

/// The fraction of the golden ratio, which spreads multiples most evenly over 64 bits.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// `SplitMix64`'s finalizer (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014, in Vigna's constants).
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A roll made of a name: the same for the same bytes, in every process and version (FNV-1a).
pub(crate) fn scatter(name: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    name.iter().fold(0xCBF2_9CE4_8422_2325, step)
}

/// Those who take part, by weight: the first is drawn by weight of all, the second of the rest, and
/// so on to the last.
///
/// It is a race: each has a time that is exponentially distributed with its share as the rate. The
/// times are drawn one by one, so that without one of them the others keep their order: whoever is
/// out leaves its share to all others alike, and a sticky caller whose target stays is not moved.
pub(crate) fn race(dice: Dice, runners: impl Iterator<Item = (usize, f64)>) -> Line {
    Line::of(runners.map(|(at, share)| (at, -dice.unit(at as u64).ln() / share)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_zero_and_none_is_above_one() {
        let numbers = (0..100_000).map(|n| Dice::new(n).unit(n % 7));
        let (mut least, mut most, mut sum) = (f64::MAX, f64::MIN, 0.0);
        for number in numbers {
            (least, most, sum) = (least.min(number), most.max(number), sum + number);
        }
        assert!(least > 0.0 && most <= 1.0, "{least} to {most}");
        assert!((sum / 100_000.0 - 0.5).abs() < 0.005, "the mean is {}", sum / 100_000.0);
    }

    #[test]
    fn without_one_the_others_keep_their_order() {
        let shares = [(0, 1.0), (1, 5.0), (2, 0.5), (3, 2.0), (4, 1.0)];
        for roll in 0..1_000 {
            let all = race(Dice::new(roll), shares.into_iter());
            let some = race(Dice::new(roll), shares.into_iter().filter(|(at, _)| *at != 1));
            assert!(all.iter().filter(|at| *at != 1).eq(some.iter()));
        }
    }

    #[test]
    fn a_line_goes_by_the_measure_and_equals_go_by_their_places() {
        let measures = [7.0, f64::INFINITY, 0.0, 7.0, -0.0, 1e-300, f64::NAN, 7.000_000_1];
        let line = Line::of(measures.into_iter().enumerate());
        assert!(line.iter().eq([2, 4, 5, 0, 3, 7, 1, 6]), "{:?}", line.iter().collect::<Vec<_>>());
    }

    #[test]
    fn shares_at_the_ends_of_the_range_upset_nobody() {
        let shares = [(0, f64::MIN_POSITIVE / 4.0), (1, 1e15), (2, f64::MIN_POSITIVE)];
        for roll in 0..1_000 {
            let line = race(Dice::new(roll), shares.into_iter());
            assert_eq!(line.iter().next(), Some(1), "who has all but everything comes first");
            assert_eq!(line.iter().count(), 3);
        }
    }
}
