//! By what the prompt says.

use ferro_core::{Order, Speaker, Strategy, TargetId, View};
use regex::{Regex, RegexBuilder};
use smallvec::SmallVec;

use crate::{StrategyError, preferred::prefer};

/// Asks the target of the first rule that the user's messages meet, and only then the others in the
/// configured order; where no rule is met, all in that order.
///
/// Only what the user says counts, not what the system or a tool does. A request in which the user
/// says nothing meets no rule, and neither does one that cannot be read.
#[derive(Debug)]
pub struct ContentBased {
    rules: Vec<ContentRule>,
}

impl ContentBased {
    /// Goes by these rules; it is an error if there is none.
    pub fn new(rules: Vec<ContentRule>) -> Result<Self, StrategyError> {
        match rules.is_empty() {
            true => Err(StrategyError::nothing("content-based", "content_conditions")),
            false => Ok(Self { rules }),
        }
    }

    fn rule(&self, view: &View<'_>) -> Option<&ContentRule> {
        let mut is_found: SmallVec<[bool; 64]> = self.rules.iter().map(|_| false).collect();
        let mut says_something = false;
        let read = view.subject.texts(&mut |speaker, text| {
            if speaker == Speaker::User && !text.trim().is_empty() {
                says_something = true;
                for (rule, is_found) in self.rules.iter().zip(&mut is_found) {
                    *is_found = *is_found || rule.pattern.is_match(text);
                }
            }
        });
        if read.is_err() || !says_something {
            return None;
        }
        let mut rules = self.rules.iter().zip(is_found);
        rules.find(|(rule, is_found)| rule.wants == *is_found).map(|(rule, _)| rule)
    }
}

impl Strategy for ContentBased {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let target = self.rule(view).map(|rule| &rule.target);
        prefer(view, target, "a rule about the prompt names it", out);
    }
}

/// A rule: what it looks for in the user's messages, and who is asked then.
///
/// Every rule is a regular expression, also one about a plain text: its time is linear in the
/// prompt's length whatever the prompt says, and case folds in every script.
#[derive(Clone, Debug)]
pub struct ContentRule {
    pattern: Regex,
    wants: bool,
    target: TargetId,
}

impl ContentRule {
    /// A rule by the words of a configuration: `prompt_contains`, `prompt_not_contains` or
    /// `prompt_regex`.
    ///
    /// # Errors
    ///
    /// The word is none of these, or the regular expression is none.
    pub fn new(
        test: &str,
        value: &str,
        target: impl Into<TargetId>,
    ) -> Result<Self, StrategyError> {
        let pattern = match test {
            "prompt_contains" | "prompt_not_contains" => {
                RegexBuilder::new(&regex::escape(value)).case_insensitive(true).build()
            }
            "prompt_regex" => Regex::new(value),
            _ => {
                let known = "prompt_contains, prompt_not_contains, prompt_regex";
                return Err(StrategyError::word("content_conditions[].type", test, known));
            }
        };
        let wrong = |source| StrategyError::Pattern { pattern: value.to_owned(), source };
        let wants = test != "prompt_not_contains";
        Ok(Self { pattern: pattern.map_err(wrong)?, wants, target: target.into() })
    }
}
