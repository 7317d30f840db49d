//! Chance, drawn out of one roll: a weighted order of any number of candidates.

use smallvec::SmallVec;

/// Candidates by what they are ordered by. Holds sixty-four without allocating, as an order does.
pub(crate) type Line<K> = SmallVec<[(K, usize); 64]>;

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
pub(crate) fn race(dice: Dice, runners: impl Iterator<Item = (usize, f64)>) -> Line<u64> {
    let time = |(at, share): (usize, f64)| (-dice.unit(at as u64).ln() / share).abs();
    // The bits of floats that are not negative are in the order of the floats.
    let mut line: Line<u64> = runners.map(|runner| (time(runner).to_bits(), runner.0)).collect();
    line.sort_unstable_by_key(|(time, _)| *time);
    line
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
            let rest: Vec<_> = all.iter().filter(|(_, at)| *at != 1).copied().collect();
            assert_eq!(rest, some.to_vec());
        }
    }

    #[test]
    fn shares_at_the_ends_of_the_range_upset_nobody() {
        let shares = [(0, f64::MIN_POSITIVE / 4.0), (1, 1e15), (2, f64::MIN_POSITIVE)];
        for roll in 0..1_000 {
            let line = race(Dice::new(roll), shares.into_iter());
            assert_eq!(line[0].1, 1, "a share that is all but everything comes first");
            assert_eq!(line.len(), 3);
        }
    }
}
