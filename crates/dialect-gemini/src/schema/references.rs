//! What a schema's references name.

use std::{cell::RefCell, collections::BTreeMap};

use crate::json::Members;

/// A document in which references are looked up.
pub(super) struct References<'a> {
    root: &'a str,
    /// What has been looked up: a schema may name one place a thousand times.
    found: RefCell<BTreeMap<String, Option<&'a str>>>,
}

impl<'a> References<'a> {
    pub(super) fn of(root: &'a str) -> Self {
        Self { root, found: RefCell::default() }
    }

    /// What `reference` names: the document itself, or a place in it. `None` for one that leads
    /// elsewhere, or nowhere.
    pub(super) fn at(&self, reference: &str) -> Option<&'a str> {
        if let Some(found) = self.found.borrow().get(reference) {
            return *found;
        }
        let found = self.search(reference);
        self.found.borrow_mut().insert(reference.to_owned(), found);
        found
    }

    fn search(&self, reference: &str) -> Option<&'a str> {
        let path = reference.strip_prefix('#')?;
        let mut at = self.root;
        for step in path.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            at = match at.as_bytes().first()? {
                b'[' => crate::json::items(at).get(step.parse::<usize>().ok()?)?.get(),
                _ => Members::of(at)?.get(&step)?,
            };
        }
        Some(at)
    }
}
