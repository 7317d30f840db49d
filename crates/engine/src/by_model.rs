//! What is kept for the models that are asked for: read without a lock, and copied when it grows.

use std::{collections::HashMap, sync::Arc};

use arc_swap::{ArcSwap, Guard};
use foldhash::fast::RandomState;

/// Values by the name of a model, and by something small besides.
#[derive(Debug)]
pub(crate) struct ByModel<K, V>(ArcSwap<Held<K, V>>);

/// What was kept at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Held<K, V> {
    models: HashMap<Arc<str>, Vec<(K, V)>, RandomState>,
    /// How many values there are.
    len: usize,
}

impl<K: Copy + Eq, V: Clone> ByModel<K, V> {
    /// What is kept now. Whoever holds it keeps nobody from adding.
    pub(crate) fn load(&self) -> Guard<Arc<Held<K, V>>> {
        self.0.load()
    }

    /// Keeps a value, in place of the one that is kept there, if one is.
    pub(crate) fn put(&self, model: &str, key: K, value: &V) {
        self.0.rcu(|held| {
            let mut held = Held::clone(held);
            held.put(model, key, value.clone());
            held
        });
    }

    /// Keeps a value, unless one is kept there; in any case what is kept there now.
    pub(crate) fn get_or_put(&self, model: &str, key: K, value: V) -> V {
        let is_there = |held: &Held<K, V>| held.find(model, key).is_some();
        self.0.rcu(|held| {
            if is_there(held) {
                return Arc::clone(held);
            }
            let mut held = Held::clone(held);
            held.put(model, key, value.clone());
            Arc::new(held)
        });
        self.load().find(model, key).cloned().unwrap_or(value)
    }

    /// Keeps nothing any more.
    pub(crate) fn clear(&self) {
        self.0.store(Arc::default());
    }
}

impl<K: Copy + Eq, V> Held<K, V> {
    /// What is kept there.
    pub(crate) fn find(&self, model: &str, key: K) -> Option<&V> {
        let (_, value) = self.models.get(model)?.iter().find(|(other, _)| *other == key)?;
        Some(value)
    }

    /// How many values are kept.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn put(&mut self, model: &str, key: K, value: V) {
        if !self.models.contains_key(model) {
            self.models.insert(model.into(), Vec::with_capacity(1));
        }
        let Some(values) = self.models.get_mut(model) else { return };
        if let Some((_, old)) = values.iter_mut().find(|(other, _)| *other == key) {
            *old = value;
        } else {
            values.push((key, value));
            self.len += 1;
        }
    }
}

impl<K, V> Default for Held<K, V> {
    fn default() -> Self {
        Self { models: HashMap::default(), len: 0 }
    }
}

impl<K, V> Default for ByModel<K, V> {
    fn default() -> Self {
        Self(ArcSwap::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_both_and_counted_once() {
        let kept = ByModel::<u16, Arc<str>>::default();
        assert!(kept.load().find("m", 1).is_none());
        kept.put("m", 1, &"one".into());
        kept.put("m", 2, &"two".into());
        kept.put("n", 1, &"other".into());
        kept.put("m", 1, &"anew".into());
        assert_eq!(&*kept.get_or_put("m", 2, "late".into()), "two");
        assert_eq!(&*kept.get_or_put("n", 2, "late".into()), "late");
        let held = kept.load();
        let found =
            [("m", 1), ("m", 2), ("n", 1), ("n", 2)].map(|(m, k)| &**held.find(m, k).unwrap());
        assert_eq!((found, held.len()), (["anew", "two", "other", "late"], 4));
        kept.clear();
        assert_eq!((kept.load().len(), held.len()), (0, 4));
    }
}
