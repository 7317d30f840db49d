//! The last requests, so that somebody can ask about one of them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use ferro_core::{Observer, Record};

/// Keeps the last records, each in a place of its own. Who puts one away takes the lock of that place
/// alone, which nobody else wants but a request so many later, or somebody who looks something up.
pub(crate) struct History {
    places: Box<[Mutex<Option<Arc<Record>>>]>,
    /// How many have come in all.
    count: AtomicUsize,
}

impl History {
    /// A history of so many records.
    pub(crate) fn of(length: usize) -> Self {
        Self { places: (0..length).map(|_| Mutex::default()).collect(), count: AtomicUsize::new(0) }
    }

    /// How many it keeps.
    pub(crate) fn length(&self) -> usize {
        self.places.len()
    }

    /// The last record of this name: clients may give a name twice. Looks at all of them, which is a
    /// person's question, and not a request's.
    pub(crate) fn find(&self, request_id: &str) -> Option<Arc<Record>> {
        let (length, count) = (self.length(), self.count.load(Relaxed));
        (1..=length).find_map(|back| {
            let place = &self.places[count.wrapping_sub(back) % length];
            let kept = place.lock().unwrap_or_else(PoisonError::into_inner);
            kept.as_ref().filter(|record| *record.request_id == *request_id).map(Arc::clone)
        })
    }
}

impl Observer for History {
    fn observe(&self, record: &Arc<Record>) {
        if self.places.is_empty() {
            return;
        }
        let place = &self.places[self.count.fetch_add(1, Relaxed) % self.length()];
        let forgotten = {
            let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
            kept.replace(Arc::clone(record))
        };
        drop(forgotten); // not while the place is locked
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::{RequestId, SurfaceKind};

    use super::*;

    fn record(id: &str, error: &str) -> Arc<Record> {
        let mut record = Record::open(RequestId::from(id), SurfaceKind::Chat, None);
        record.error = Some(error.to_owned());
        Arc::new(record)
    }

    #[test]
    fn the_last_records_are_found_and_the_ones_before_are_forgotten() {
        let history = History::of(3);
        assert!(history.find("1").is_none());
        for id in ["1", "2", "3", "4"] {
            history.observe(&record(id, ""));
        }
        assert!(history.find("1").is_none());
        for id in ["2", "3", "4"] {
            assert_eq!(history.find(id).unwrap().request_id.as_str(), id);
        }
    }

    #[test]
    fn of_two_with_one_name_the_last_is_found() {
        let history = History::of(3);
        for error in ["a", "b", "c", "d"] {
            history.observe(&record("1", error));
            assert_eq!(history.find("1").unwrap().error.as_deref(), Some(error));
        }
    }

    #[test]
    fn a_history_of_nothing_keeps_nothing() {
        let history = History::of(0);
        history.observe(&record("1", ""));
        assert!(history.find("1").is_none());
    }

    /// Ten thousand are ten megabytes, which is what the builder's documentation promises. The texts
    /// come on top: of names, most are shared with the configuration.
    #[test]
    fn a_record_takes_no_more_than_a_kilobyte() {
        let bytes = size_of::<Record>();
        assert!(bytes <= 1024, "{bytes} bytes");
    }

    #[test]
    fn what_is_forgotten_is_given_back() {
        let history = History::of(2);
        let first = record("1", "");
        for _ in 0..3 {
            history.observe(&first);
        }
        assert_eq!(Arc::strong_count(&first), 3);
        history.observe(&record("2", ""));
        history.observe(&record("3", ""));
        assert_eq!(Arc::strong_count(&first), 1);
    }

    #[test]
    fn many_threads_lose_none_of_the_last() {
        let history = History::of(400);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let history = &history;
                scope.spawn(move || {
                    for number in 0..100 {
                        history.observe(&record(&format!("{thread}-{number}"), ""));
                    }
                });
            }
        });
        for thread in 0..4 {
            assert!((0..100).all(|number| history.find(&format!("{thread}-{number}")).is_some()));
        }
    }
}
