//! A schema with what it refers to and what it is the union of, as one.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::references::References;
use crate::json::{Members, items, text};

/// More unions than this in one another nobody follows.
const DEEPEST: usize = 16;

/// The words of a schema. Of two that say one thing the first counts, and a schema's own stand before
/// those that it refers to.
#[derive(Default)]
pub(super) struct Merged<'a> {
    words: Vec<(Cow<'a, str>, &'a str)>,
    pub(super) properties: Vec<(Cow<'a, str>, &'a str)>,
    pub(super) required: Vec<Cow<'a, str>>,
    /// The references that were followed.
    pub(super) followed: Vec<&'a str>,
}

impl<'a> Merged<'a> {
    /// The schema at `json`, in which none of `open` is followed again.
    pub(super) fn of(json: &'a str, root: &References<'a>, open: &[&'a str]) -> Self {
        let mut merged = Self::default();
        merged.take(json, root, open, DEEPEST);
        merged
    }

    pub(super) fn get(&self, word: &str) -> Option<&'a str> {
        self.words.iter().find(|(own, _)| own == word).map(|(_, json)| *json)
    }

    /// The same, with what the schema says that this one is the only branch of.
    pub(super) fn beside(mut self, outer: Self) -> Self {
        let choices = ["anyOf", "oneOf"];
        let words = outer.words.into_iter().filter(|(word, _)| !choices.contains(&&**word));
        self.words.extend(words);
        self.properties.extend(outer.properties);
        self.required.extend(outer.required);
        self
    }

    fn take(&mut self, json: &'a str, root: &References<'a>, open: &[&'a str], depth: usize) {
        let Some(Members(members)) = Members::of(json) else { return };
        let Some(depth) = depth.checked_sub(1) else { return };
        let mut further = Vec::new();
        for (word, value) in members {
            let value = value.get();
            match &*word {
                "$ref" => further.push(value),
                "allOf" => further.extend(items(value).into_iter().map(RawValue::get)),
                "properties" => self.take_properties(value),
                "required" => {
                    let names = items(value).into_iter().filter_map(|name| text(name.get()));
                    self.required.extend(names.map(|name| name.0));
                }
                _ if self.get(&word).is_none() => self.words.push((word.0, value)),
                _ => {}
            }
        }
        for next in further {
            let Some(reference) = text(next) else {
                self.take(next, root, open, depth);
                continue;
            };
            if open.contains(&next) || self.followed.contains(&next) {
                continue;
            }
            self.followed.push(next);
            if let Some(schema) = root.at(&reference) {
                self.take(schema, root, open, depth);
            }
        }
    }

    fn take_properties(&mut self, json: &'a str) {
        let members = Members::of(json).unwrap_or_default().0;
        for (name, schema) in members {
            if self.properties.iter().all(|(own, _)| *own != name.0) {
                self.properties.push((name.0, schema.get()));
            }
        }
    }
}
