//! Who takes part, and with which share: absent counts as 1, zero is drained.

use ferro_core::{Candidate, TargetId};

/// The largest share that is told from a larger one: sums and products of shares stay finite.
const MOST: f64 = 1e15;

/// The shares of all candidates of a view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares<'a> {
    candidates: &'a [Candidate<'a>],
    /// Where every weight is zero nobody can have been meant, so all get equal shares.
    are_equal: bool,
}

impl<'a> Shares<'a> {
    pub(crate) fn of(candidates: &'a [Candidate<'a>]) -> Self {
        let are_equal = candidates.iter().all(|candidate| sound(candidate.weight).is_none());
        Self { candidates, are_equal }
    }

    /// The share of one candidate; `None` if it is drained.
    pub(crate) fn share(self, at: usize) -> Option<f64> {
        if self.are_equal { Some(1.0) } else { sound(self.candidates[at].weight) }
    }

    /// Those who take part, in the configured order, each with its place and its share.
    pub(crate) fn live(self) -> impl Iterator<Item = (usize, f64)> + Clone {
        let share = move |weight| if self.are_equal { Some(1.0) } else { sound(weight) };
        let all = self.candidates.iter().enumerate();
        all.filter_map(move |(at, candidate)| Some((at, share(candidate.weight)?)))
    }

    /// The mean of the shares of those who take part.
    pub(crate) fn mean(self) -> f64 {
        let add = |(count, sum), (_, share)| (count + 1.0, sum + share);
        let (count, sum) = self.live().fold((0.0, 0.0), add);
        sum / count
    }

    /// The place of a target that takes part.
    pub(crate) fn find(self, target: &TargetId) -> Option<usize> {
        let at = self.candidates.iter().position(|candidate| candidate.target == target)?;
        self.share(at).map(|_| at)
    }
}

/// A weight as a share that can be counted with. What is no positive number is none.
pub(crate) fn sound(weight: f64) -> Option<f64> {
    (weight > 0.0).then(|| weight.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(weights: &[f64]) -> Vec<(usize, f64)> {
        let target = TargetId::from("t");
        let with = |weight: &f64| {
            let mut candidate = Candidate::new(&target);
            candidate.weight = *weight;
            candidate
        };
        let candidates: Vec<_> = weights.iter().map(with).collect();
        Shares::of(&candidates).live().collect()
    }

    #[test]
    fn a_zero_among_others_is_drained_and_all_zeros_are_equal_shares() {
        assert_eq!(shares(&[1.0, 0.0, 2.5]), [(0, 1.0), (2, 2.5)]);
        assert_eq!(shares(&[0.0, 0.0]), [(0, 1.0), (1, 1.0)]);
        assert_eq!(shares(&[]), []);
    }

    #[test]
    fn what_is_no_positive_number_is_no_share() {
        assert_eq!(shares(&[f64::NAN, -1.0, -0.0, f64::NEG_INFINITY, 3.0]), [(4, 3.0)]);
        assert_eq!(shares(&[f64::INFINITY, 1.0]), [(0, MOST), (1, 1.0)]);
    }
}
