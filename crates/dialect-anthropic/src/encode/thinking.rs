//! How much a model is to think, and what that allows besides.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{
    Budgets,
    models::{Efforts, Model, Thinking},
    notes::Notes,
};

/// The least that a model can be given to think.
const LEAST: u64 = 1024;

/// The words for an effort, `none` apart.
const EFFORTS: [&str; 6] = ["minimal", "low", "medium", "high", "xhigh", "max"];

/// How much a model is to think.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Thought<'a> {
    /// The member `thinking`.
    pub(super) json: Option<Cow<'a, str>>,
    /// The word for the effort.
    pub(super) effort: Option<&'static str>,
    /// Whether it thinks, as far as we asked for it.
    pub(super) is_on: bool,
    /// Whether the client says itself that the model finds out how much to think.
    is_adaptive: bool,
    /// The tokens that it may think with, where the client says so itself.
    pub(super) budget: Option<u64>,
}

/// What a request says that bears on thinking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The client's `reasoning_effort`.
    pub(super) effort: Option<&'a str>,
    /// Whether a tool has to be called, beside which no model thinks.
    pub(super) is_forced: bool,
    /// Whether the history is one that cannot be thought about with a budget.
    pub(super) goes_on_without_a_thought: bool,
    /// The tokens that may be written, thoughts included.
    pub(super) max_tokens: u64,
}

impl<'a> Thought<'a> {
    /// The client's own `thinking`, which passes as it stands.
    pub(super) fn own(json: Cow<'a, str>) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Own {
            #[serde(rename = "type")]
            named: String,
            budget_tokens: Option<u64>,
        }
        let own: Own = serde_json::from_str(&json).unwrap_or_default();
        let is_on = matches!(&*own.named, "enabled" | "adaptive");
        let is_adaptive = own.named == "adaptive";
        Self { json: Some(json), effort: None, is_on, is_adaptive, budget: own.budget_tokens }
    }

    /// The same, with the effort that the client asks for besides: where the model finds out by itself
    /// how much to think, that bears on it.
    pub(super) fn with_effort(
        self,
        effort: Option<&str>,
        model: &Model,
        notes: &mut Notes,
    ) -> Self {
        let effort = match effort {
            Some("none") if !self.is_on => None,
            Some(effort) if self.is_adaptive && EFFORTS.contains(&effort) => {
                Some(word(effort, model.efforts))
            }
            Some(_) => {
                notes.unsaid("reasoning_effort");
                None
            }
            None => None,
        };
        Self { effort, ..self }
    }

    /// What follows from the effort that the client asks for.
    pub(super) fn of_effort(
        asked: Asked<'_>,
        model: &Model,
        budgets: &Budgets,
        notes: &mut Notes,
    ) -> Self {
        let thought = asked.effort.map(|effort| follow(effort, asked, model, budgets));
        match thought {
            None => Self::default(),
            Some(Some(thought)) => thought,
            Some(None) => {
                notes.unsaid("reasoning_effort");
                Self::default()
            }
        }
    }
}

/// What an effort comes to; `None` if it cannot be said.
fn follow(
    effort: &str,
    asked: Asked<'_>,
    model: &Model,
    budgets: &Budgets,
) -> Option<Thought<'static>> {
    if effort == "none" {
        return match model.thinking {
            Thinking::No | Thinking::Budget => Some(Thought::default()),
            Thinking::Adaptive | Thinking::Hidden => {
                Some(Thought { json: Some(r#"{"type":"disabled"}"#.into()), ..Thought::default() })
            }
            Thinking::Always => None,
        };
    }
    let budget = match effort {
        "minimal" | "low" => budgets.low,
        "medium" => budgets.medium,
        "high" => budgets.high,
        "xhigh" => budgets.xhigh,
        "max" => budgets.max,
        _ => return None,
    };
    if asked.is_forced {
        return None;
    }
    let adaptive = |json: &'static str| {
        let effort = Some(word(effort, model.efforts));
        Some(Thought { json: Some(json.into()), effort, is_on: true, ..Thought::default() })
    };
    match model.thinking {
        Thinking::No => None,
        Thinking::Budget => {
            let budget = budget.max(LEAST).min(asked.max_tokens.saturating_sub(1));
            let fits = budget >= LEAST && !asked.goes_on_without_a_thought;
            let json = format!(r#"{{"type":"enabled","budget_tokens":{budget}}}"#);
            fits.then(|| Thought { json: Some(json.into()), is_on: true, ..Thought::default() })
        }
        Thinking::Adaptive => adaptive(r#"{"type":"adaptive"}"#),
        Thinking::Hidden | Thinking::Always => {
            adaptive(r#"{"type":"adaptive","display":"summarized"}"#)
        }
    }
}

/// The model's word for an effort.
fn word(effort: &str, efforts: Efforts) -> &'static str {
    match (effort, efforts) {
        ("minimal" | "low", _) => "low",
        ("medium", _) => "medium",
        ("xhigh", Efforts::All) => "xhigh",
        ("xhigh" | "max", Efforts::Max) | ("max", Efforts::All) => "max",
        _ => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::find;

    const FREE: Asked<'_> = Asked {
        effort: None,
        is_forced: false,
        goes_on_without_a_thought: false,
        max_tokens: 64_000,
    };

    fn thought(model: &str, asked: Asked<'_>) -> Option<(String, Option<&'static str>)> {
        let mut notes = Notes::default();
        let found = Thought::of_effort(asked, find(model), &Budgets::default(), &mut notes);
        assert_eq!(found.is_on, found.json.as_deref().is_some_and(|j| !j.contains("disabled")));
        if !notes.unsaid.is_empty() {
            assert_eq!(notes.unsaid[0].0, "reasoning_effort");
            return None;
        }
        Some((found.json.unwrap_or_default().into_owned(), found.effort))
    }

    #[test]
    fn an_effort_is_a_word_for_new_models_and_tokens_for_old_ones() {
        let said = |model, effort| thought(model, Asked { effort: Some(effort), ..FREE });
        let budget = |n| Some((format!(r#"{{"type":"enabled","budget_tokens":{n}}}"#), None));
        for (effort, tokens) in [
            ("minimal", 1024),
            ("low", 1024),
            ("medium", 2048),
            ("high", 4096),
            ("xhigh", 8192),
            ("max", 16_384),
        ] {
            assert_eq!(said("claude-sonnet-4-5", effort), budget(tokens), "{effort}");
        }
        let adaptive = |word| Some((r#"{"type":"adaptive"}"#.to_owned(), Some(word)));
        for (effort, word) in [
            ("minimal", "low"),
            ("medium", "medium"),
            ("high", "high"),
            ("xhigh", "max"),
            ("max", "max"),
        ] {
            assert_eq!(said("claude-opus-4-6", effort), adaptive(word), "{effort}");
        }
        let shown = r#"{"type":"adaptive","display":"summarized"}"#.to_owned();
        assert_eq!(said("claude-opus-4-7", "xhigh"), Some((shown, Some("xhigh"))));
        assert_eq!(said("claude-3-5-sonnet-latest", "high"), None);
        assert_eq!(said("claude-opus-4-6", "very"), None);
    }

    #[test]
    fn no_effort_is_no_thinking_where_that_can_be_said() {
        let none = Asked { effort: Some("none"), ..FREE };
        let disabled = r#"{"type":"disabled"}"#.to_owned();
        assert_eq!(thought("claude-opus-5", none), Some((disabled, None)));
        assert_eq!(thought("claude-sonnet-4-5", none), Some((String::new(), None)));
        assert_eq!(thought("claude-fable-5", none), None);
    }

    #[test]
    fn a_budget_has_to_fit_and_the_history_to_allow_it() {
        let high = Asked { effort: Some("high"), ..FREE };
        let capped = thought("claude-sonnet-4-5", Asked { max_tokens: 2000, ..high }).unwrap();
        assert!(capped.0.contains("1999"), "{capped:?}");
        assert_eq!(thought("claude-sonnet-4-5", Asked { max_tokens: 1024, ..high }), None);
        assert_eq!(thought("claude-sonnet-4-5", Asked { is_forced: true, ..high }), None);
        let untold = Asked { goes_on_without_a_thought: true, ..high };
        assert_eq!(thought("claude-sonnet-4-5", untold), None);
        assert!(thought("claude-opus-4-6", untold).is_some());
    }

    #[test]
    fn a_clients_own_thinking_passes() {
        let own = Thought::own(r#"{ "type":"enabled", "budget_tokens": 5000 }"#.into());
        assert_eq!((own.is_on, own.budget), (true, Some(5000)));
        assert!(!Thought::own(r#"{"type":"disabled"}"#.into()).is_on);
    }
}
