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
pub(crate) fn race(dice: Dice, runners: impl Iterator<Item = (usize, f64)> + Clone) -> Line {
    let mut shares = runners.clone().map(|(_, share)| share.to_bits());
    let first = shares.next();
    if shares.all(|share| Some(share) == first) {
        // Of equals, whoever drew the larger number has the shorter time: none is worked out.
        return Line::of(runners.map(|(at, _)| (at, 1.0 - dice.unit(at as u64))));
    }
    Line::of(runners.map(|(at, share)| (at, wait(dice.unit(at as u64)) / share)))
}

/// The negative logarithm of a number above 0 and at most 1: the exponentially distributed time that
/// an evenly distributed number stands for.
///
/// Written out, in operations that give the same on every machine, where the standard library's
/// depends on the system; and cheap, as it is taken for every candidate. With the number as
/// `m * 2^-e`, and `s = (m - 1) / (m + 1)`, the logarithm of `m` is `2 (s + s³/3 + s⁵/5 + …)`; as
/// `s` is below 0.18, six terms leave an error of less than one part in a thousand millions.
fn wait(unit: f64) -> f64 {
    /// The bits of the square root of one half, below which the mantissa is taken twice.
    const HALFWAY: u64 = 0x3FE6_A09E_667F_3BCD;
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    const MANTISSA: u32 = 52;
    let above = unit.to_bits().wrapping_add(ONE - HALFWAY);
    let exponent = (above >> MANTISSA) as i32 - 0x3FF;
    let mantissa = f64::from_bits((above & ((1 << MANTISSA) - 1)) + HALFWAY);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let terms = [1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0];
    let sum = terms.into_iter().fold(0.0, |sum, term| sum * square + term);
    -(f64::from(exponent) * std::f64::consts::LN_2 + 2.0 * s * sum)
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
    fn the_time_is_the_negative_logarithm() {
        let ends =
            [1.0, 0.5, std::f64::consts::FRAC_1_SQRT_2, 1.0 / (1_u64 << 53) as f64, 0.999_999_999];
        for unit in ends.into_iter().chain((0..100_000).map(|n| Dice::new(n).unit(0))) {
            let (ours, theirs) = (wait(unit), -unit.ln());
            assert!((ours - theirs).abs() <= theirs * 1e-9, "{unit}: {ours}, {theirs}");
        }
    }

    #[test]
    fn equal_shares_are_drawn_as_they_would_be_if_one_of_them_were_different() {
        for roll in 0..1_000 {
            let equal = race(Dice::new(roll), (0..5).map(|at| (at, 2.0)));
            let beside =
                race(Dice::new(roll), (0..6).map(|at| (at, if at < 5 { 2.0 } else { 3.0 })));
            assert!(equal.iter().eq(beside.iter().filter(|at| *at < 5)));
        }
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
