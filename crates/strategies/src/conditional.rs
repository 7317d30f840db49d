//! By what is known about a request: its model, its caller, its headers.

use ferro_core::{Order, Strategy, TargetId, View};
use http::HeaderName;

use crate::{StrategyError, preferred::prefer};

/// What a rule may look at. Behind a colon stands the name of a header or of an entry.
pub const CONDITION_KEYS: &[&str] =
    &["model", "model_prefix", "user", "key", "header:<name>", "metadata:<name>"];

/// Asks the target of the first rule that matches, and only then the others in the configured order;
/// where no rule matches, all in that order.
#[derive(Debug)]
pub struct Conditional {
    conditions: Vec<Condition>,
}

impl Conditional {
    /// Goes by these rules; it is an error if there is none.
    pub fn new(conditions: Vec<Condition>) -> Result<Self, StrategyError> {
        match conditions.is_empty() {
            true => Err(StrategyError::nothing("conditional", "conditions")),
            false => Ok(Self { conditions }),
        }
    }
}

impl Strategy for Conditional {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let rule = self.conditions.iter().find(|rule| rule.matches(view));
        prefer(view, rule.map(|rule| &rule.target), "a rule names it", out);
    }
}

/// A rule: what it looks at, what it wants to see there, and who is asked then.
#[derive(Clone, Debug)]
pub struct Condition {
    test: Option<Test>,
    value: Box<str>,
    target: TargetId,
}

#[derive(Clone, Debug)]
enum Test {
    Model,
    ModelPrefix,
    User,
    Key,
    Header(HeaderName),
    Metadata(Box<str>),
}

impl Condition {
    /// A rule that asks `target` where what `key` names equals `value` (or begins with it, for
    /// `model_prefix`). A key that is none of [`CONDITION_KEYS`] makes a rule that never matches.
    pub fn new(key: &str, value: &str, target: impl Into<TargetId>) -> Self {
        Self { test: Test::by_key(key), value: value.into(), target: target.into() }
    }

    /// Whether the rule can match at all.
    pub fn is_known(&self) -> bool {
        self.test.is_some()
    }

    /// Whether a request is as it wants.
    pub fn matches(&self, view: &View<'_>) -> bool {
        let wanted = &*self.value;
        match &self.test {
            None => false,
            Some(Test::Model) => view.subject.model() == wanted,
            Some(Test::ModelPrefix) => view.subject.model().starts_with(wanted),
            Some(Test::User) => view.subject.user() == Some(wanted),
            Some(Test::Key) => view.principal.key.as_ref().is_some_and(|key| **key == *wanted),
            Some(Test::Header(name)) => {
                view.headers.get_all(name).iter().any(|value| value == wanted)
            }
            Some(Test::Metadata(name)) => {
                view.subject.metadata(name).is_some_and(|value| value == wanted)
            }
        }
    }
}

impl Test {
    fn by_key(key: &str) -> Option<Self> {
        match key.split_once(':') {
            Some(("header", name)) => name.parse().ok().map(Self::Header),
            Some(("metadata", name)) if !name.is_empty() => Some(Self::Metadata(name.into())),
            Some(_) => None,
            None => match key {
                "model" => Some(Self::Model),
                "model_prefix" => Some(Self::ModelPrefix),
                "user" => Some(Self::User),
                "key" => Some(Self::Key),
                _ => None,
            },
        }
    }
}
