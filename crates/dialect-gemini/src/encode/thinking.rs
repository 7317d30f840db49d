//! How much the model is to think.

use crate::{
    json::{Json, Members, text},
    models::{Generation, Level, Thinking, budget, level},
};

use super::fields::Fields;

/// What the model is told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// In the client's own words for this vendor: then nothing else is.
    verbatim: Option<String>,
    /// Whether its thoughts are to be seen.
    shows: Option<bool>,
    level: Option<Level>,
    budget: Option<u64>,
    /// The field that could not be said.
    pub(super) unsaid: Option<&'static str>,
}

/// What the client wants, and which field says so.
struct Wanted {
    field: &'static str,
    effort: Option<String>,
    tokens: Option<u64>,
    hides: bool,
}

impl Told {
    pub(super) fn of(generation: &Generation, fields: &Fields<'_>) -> Self {
        let own = fields.get("thinking_config").or_else(|| fields.get("thinkingConfig"));
        if let Some(own) = own {
            return Self { verbatim: Some(own.into_owned()), ..Self::default() };
        }
        Wanted::of(fields).map(|wanted| wanted.told(generation)).unwrap_or_default()
    }

    pub(super) fn write(&self, json: &mut Json) {
        if let Some(own) = &self.verbatim {
            return json.raw_member("thinkingConfig", own);
        }
        if self.shows.is_none() && self.level.is_none() && self.budget.is_none() {
            return;
        }
        json.key("thinkingConfig");
        json.open(b'{');
        if let Some(shows) = self.shows {
            json.raw_member("includeThoughts", if shows { "true" } else { "false" });
        }
        if let Some(level) = self.level {
            json.member("thinkingLevel", level.as_str());
        }
        if let Some(budget) = self.budget {
            json.raw_member("thinkingBudget", &budget.to_string());
        }
        json.close(b'}');
    }
}

impl Wanted {
    fn of(fields: &Fields<'_>) -> Option<Self> {
        let plain = Self { field: "", effort: None, tokens: None, hides: false };
        if let Some(json) = fields.get("reasoning_effort") {
            let effort = Some(text(&json)?.to_string());
            return Some(Self { field: "reasoning_effort", effort, ..plain });
        }
        let word = |members: &Members<'_>, name| Some(text(members.get(name)?)?.to_string());
        let count = |members: &Members<'_>, name| members.get(name)?.parse().ok();
        if let Some(json) = fields.get("reasoning") {
            let members = Members::of(&json)?;
            let is_off = members.get("enabled") == Some("false");
            let effort = is_off.then(|| "none".to_owned()).or_else(|| word(&members, "effort"));
            let hides = members.get("exclude") == Some("true");
            let tokens = count(&members, "max_tokens");
            return Some(Self { field: "reasoning", effort, tokens, hides });
        }
        let json = fields.get("thinking")?;
        let members = Members::of(&json)?;
        let is_off = word(&members, "type").as_deref() == Some("disabled");
        let effort = is_off.then(|| "none".to_owned());
        Some(Self { field: "thinking", effort, tokens: count(&members, "budget_tokens"), ..plain })
    }

    fn told(self, generation: &Generation) -> Told {
        let is_off = self.effort.as_deref() == Some("none") || self.tokens == Some(0);
        let shows = (!is_off).then_some(!self.hides);
        let effort = if is_off { "none" } else { self.effort.as_deref().unwrap_or_default() };
        let unsaid = Told { unsaid: Some(self.field), ..Told::default() };
        match (generation.thinking, self.tokens.filter(|_| !is_off)) {
            (Thinking::Untold, _) if is_off => Told::default(),
            (Thinking::Untold, _) => unsaid,
            (Thinking::Levels(_), Some(tokens)) => {
                Told { shows, budget: Some(tokens), ..Told::default() }
            }
            (Thinking::Levels(_), None) if effort.is_empty() => Told { shows, ..Told::default() },
            (Thinking::Levels(levels), None) => match level(effort, levels) {
                Some(level) => Told { shows, level: Some(level), ..Told::default() },
                None => unsaid,
            },
            (Thinking::Budget { may_be_off: false, .. }, _) if is_off => unsaid,
            (Thinking::Budget { .. }, None) if effort.is_empty() => {
                Told { shows, ..Told::default() }
            }
            (Thinking::Budget { least, most, .. }, tokens) => {
                match tokens.or_else(|| budget(effort).map(u64::from)) {
                    Some(0) => Told { budget: Some(0), ..Told::default() },
                    Some(tokens) => {
                        let budget = tokens.clamp(least.into(), most.into());
                        Told { shows, budget: Some(budget), ..Told::default() }
                    }
                    None => unsaid,
                }
            }
        }
    }
}
