//! Remembers scripts: the same question has the same answer, so it is rendered once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{Received, Script};

/// A larger question is answered anew: comparing it costs as much as reading it.
const MAX_BODY: usize = 64 << 10;
/// More different questions than this are not remembered.
const MAX_ENTRIES: usize = 256;

/// Answers by question.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<HashMap<Key, Script>>);

#[derive(Debug, Eq, Hash, PartialEq)]
struct Key {
    method: String,
    path: String,
    body: Vec<u8>,
}

impl Memo {
    /// The remembered answer, or the one that `make` gives.
    pub(crate) fn get(&self, request: &Received, make: impl FnOnce() -> Script) -> Script {
        if request.body.len() > MAX_BODY {
            return make();
        }
        let Received { method, path, body, .. } = request;
        let key = Key { method: method.clone(), path: path.clone(), body: body.clone() };
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = lock().get(&key) {
            return script.clone();
        }
        let script = make();
        let mut known = lock();
        if known.len() < MAX_ENTRIES {
            known.insert(key, script.clone());
        }
        script
    }
}
