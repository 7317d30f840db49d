//! Several credentials of one target: which one a call is made with, and which ones rest.

use std::{error, fmt, sync::Arc, time::Duration};

use ferro_core::CredentialSource;
use tokio::time::Instant;

use crate::{cooling::Cooling, pause::jitter};

/// The most credentials that one target has.
pub const MOST_KEYS: usize = 64;
/// Sets this decision's randomness apart from what else a request's roll decides.
const SALT: u64 = 0x6b65_7973_0000_0000;

/// The credentials of one target.
#[derive(Debug)]
pub struct KeyPool {
    /// Invariant: no more than [`MOST_KEYS`].
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    source: Arc<dyn CredentialSource>,
    weight: f64,
    cooling: Cooling,
}

/// Which credentials a request was made with already.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tried(u64);

/// There is no credential to make a call with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoKey {
    /// Every one that has a share was tried in this request.
    AllTried,
    /// Those that were not tried are left alone, the first of them for this long.
    Cooling(Duration),
}

/// More credentials than a pool holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooManyKeys(pub usize);

impl KeyPool {
    /// A pool of credentials with their shares: those with a weight of 0 are never used.
    pub fn new(
        keys: Vec<(Arc<dyn CredentialSource>, f64)>,
        now: Instant,
    ) -> Result<Self, TooManyKeys> {
        if keys.len() > MOST_KEYS {
            return Err(TooManyKeys(keys.len()));
        }
        let keys = keys.into_iter().map(|(source, weight)| {
            let weight = if weight.is_finite() { weight.max(0.0) } else { 0.0 };
            Key { source, weight, cooling: Cooling::new(now) }
        });
        Ok(Self { keys: keys.collect() })
    }

    /// The credential for the next call: drawn by weight among those that neither rest nor were
    /// tried. The same roll draws the same one.
    pub fn pick(&self, tried: Tried, roll: u64, now: Instant) -> Result<usize, NoKey> {
        if let [only] = &self.keys[..] {
            return only.is_ready(0, tried, now).map(|()| 0);
        }
        let ready = |index: usize| self.keys[index].is_ready(index, tried, now).is_ok();
        let (mut set, mut total) = (Tried::default(), 0.0);
        for index in (0..self.keys.len()).filter(|index| ready(*index)) {
            set.insert(index);
            total += self.keys[index].weight;
        }
        let mut left = jitter(roll, SALT) * total;
        let mut last = None;
        for (index, key) in self.keys.iter().enumerate().filter(|(index, _)| set.has(*index)) {
            last = Some(index);
            left -= key.weight;
            if left < 0.0 {
                break;
            }
        }
        last.ok_or_else(|| self.none(tried, now))
    }

    /// Where a credential comes from.
    pub fn source(&self, index: usize) -> Option<&Arc<dyn CredentialSource>> {
        self.keys.get(index).map(|key| &key.source)
    }

    /// Whether another credential than this one could be shown now.
    pub fn has_other(&self, index: usize, now: Instant) -> bool {
        let mut tried = Tried::default();
        tried.insert(index);
        self.pick(tried, 0, now).is_ok()
    }

    /// Leaves a credential alone for `span`: its limit is reached, or it was refused.
    pub fn cool(&self, index: usize, now: Instant, span: Duration) {
        if let Some(key) = self.keys.get(index) {
            key.cooling.cool(now, span);
        }
    }

    /// For how much longer a credential is left alone.
    pub fn is_cooling(&self, index: usize, now: Instant) -> Option<Duration> {
        self.keys.get(index)?.cooling.is_cooling(now)
    }

    /// Leaves credential `index` alone as long as `other` does its credential `of`: the same one, in
    /// a target that was configured anew.
    pub fn inherit(&self, index: usize, other: &Self, of: usize, now: Instant) {
        if let Some(span) = other.is_cooling(of, now) {
            self.cool(index, now, span);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn none(&self, tried: Tried, now: Instant) -> NoKey {
        let reasons = self.keys.iter().enumerate();
        let reasons = reasons.filter_map(|(index, key)| key.is_ready(index, tried, now).err());
        let spans = reasons.filter_map(|reason| match reason {
            NoKey::Cooling(span) => Some(span),
            NoKey::AllTried => None,
        });
        spans.min().map_or(NoKey::AllTried, NoKey::Cooling)
    }
}

impl Key {
    fn is_ready(&self, index: usize, tried: Tried, now: Instant) -> Result<(), NoKey> {
        if self.weight <= 0.0 || tried.has(index) {
            return Err(NoKey::AllTried);
        }
        self.cooling.is_cooling(now).map_or(Ok(()), |span| Err(NoKey::Cooling(span)))
    }
}

impl Tried {
    /// This one was tried.
    pub fn insert(&mut self, index: usize) {
        if index < MOST_KEYS {
            self.0 |= 1 << index;
        }
    }

    /// The same, with all but this one.
    pub fn and_all_but(self, only: usize) -> Self {
        let mut one = Self::default();
        one.insert(only);
        Self(self.0 | !one.0)
    }

    /// Whether this one was.
    pub fn has(self, index: usize) -> bool {
        index < MOST_KEYS && self.0 >> index & 1 == 1
    }
}

impl fmt::Display for TooManyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} credentials for one target: at most {MOST_KEYS} are possible", self.0)
    }
}

impl error::Error for TooManyKeys {}

#[cfg(test)]
mod tests {
    use ferro_core::StaticCredential;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pool(weights: &[f64], now: Instant) -> KeyPool {
        let source = || Arc::new(StaticCredential::default()) as Arc<dyn CredentialSource>;
        KeyPool::new(weights.iter().map(|weight| (source(), *weight)).collect(), now).unwrap()
    }

    fn tried(indices: &[usize]) -> Tried {
        let mut tried = Tried::default();
        indices.iter().for_each(|index| tried.insert(*index));
        tried
    }

    /// How often each is drawn, of ten thousand times.
    fn draws(pool: &KeyPool, tried: Tried, now: Instant) -> Vec<usize> {
        let mut counts = vec![0; pool.len()];
        for roll in 0..10_000 {
            counts[pool.pick(tried, roll, now).unwrap()] += 1;
        }
        counts
    }

    #[test]
    fn each_is_drawn_by_its_weight_and_one_without_a_weight_never() {
        let now = Instant::now();
        let counts = draws(&pool(&[1.0, 0.0, 3.0], now), Tried::default(), now);
        assert_eq!(counts[1], 0);
        assert!(counts[0].abs_diff(2_500) < 300 && counts[2].abs_diff(7_500) < 300, "{counts:?}");
    }

    #[test]
    fn one_that_rests_or_was_tried_is_stepped_over_and_the_others_share() {
        let now = Instant::now();
        let pool = pool(&[1.0, 1.0, 1.0, 1.0], now);
        pool.cool(0, now, 2 * SECOND);
        let counts = draws(&pool, tried(&[2]), now);
        assert_eq!((counts[0], counts[2]), (0, 0));
        assert!(counts[1].abs_diff(5_000) < 300, "{counts:?}");
        let counts = draws(&pool, tried(&[2]), now + 2 * SECOND);
        assert!(counts[0] > 3_000, "{counts:?}");
    }

    #[test]
    fn the_same_roll_draws_the_same() {
        let now = Instant::now();
        let pool = pool(&[1.0; 7], now);
        for roll in 0..100 {
            let pick = || pool.pick(tried(&[3]), roll, now);
            assert_eq!(pick(), pick());
        }
    }

    #[test]
    fn where_all_rest_the_soonest_says_when() {
        let now = Instant::now();
        let pool = pool(&[1.0, 1.0, 0.0, 1.0], now);
        pool.cool(0, now, 9 * SECOND);
        pool.cool(1, now, 4 * SECOND);
        pool.cool(3, now, 2 * SECOND);
        assert_eq!(pool.pick(tried(&[3]), 0, now), Err(NoKey::Cooling(4 * SECOND)));
        assert_eq!(pool.pick(tried(&[0, 1, 3]), 0, now), Err(NoKey::AllTried));
        assert_eq!(pool.pick(tried(&[]), 0, now + 2 * SECOND), Ok(3));
    }

    #[test]
    fn a_single_one_is_taken_until_it_rests_or_was_tried() {
        let now = Instant::now();
        let single = pool(&[1.0], now);
        assert_eq!(single.pick(tried(&[]), 7, now), Ok(0));
        assert_eq!(single.pick(tried(&[0]), 7, now), Err(NoKey::AllTried));
        single.cool(0, now, SECOND);
        assert_eq!(single.pick(tried(&[]), 7, now), Err(NoKey::Cooling(SECOND)));
        assert_eq!(pool(&[], now).pick(tried(&[]), 7, now), Err(NoKey::AllTried));
    }

    #[test]
    fn one_that_rests_goes_on_resting_in_a_pool_that_was_configured_anew() {
        let now = Instant::now();
        let old = pool(&[1.0, 1.0], now);
        old.cool(1, now, 5 * SECOND);
        let new = pool(&[1.0], now + SECOND);
        new.inherit(0, &old, 1, now + SECOND);
        assert_eq!(new.is_cooling(0, now + SECOND), Some(4 * SECOND));
    }

    #[test]
    fn nonsense_is_no_weight_and_too_many_are_refused() {
        let now = Instant::now();
        let counts = draws(&pool(&[f64::NAN, 1.0, -1.0, f64::INFINITY], now), tried(&[]), now);
        assert_eq!(counts, [0, 10_000, 0, 0]);
        let source: Arc<dyn CredentialSource> = Arc::new(StaticCredential::default());
        let refused = KeyPool::new(vec![(source, 1.0); MOST_KEYS + 1], now).unwrap_err();
        assert_eq!(refused, TooManyKeys(65));
    }
}
