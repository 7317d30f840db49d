//! How much the model is to think.

use crate::{
    json::{Json, Members, text},
    models::{Generation, Level, Thinking, budget, level},
};

use super::fields::{Fields, says_something};

/// Where clients say how much to think; the first that does counts.
const FIELDS: [&str; 3] = ["reasoning_effort", "reasoning", "thinking"];

/// What the model is told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// In the client's own words for this vendor: then nothing else is.
    verbatim: Option<String>,
    /// Whether its thoughts are to be seen.
    shows: Option<bool>,
    level: Option<Level>,
    budget: Option<u64>,
    /// What could not be said, by field or by member of one.
    pub(super) unsaid: Vec<String>,
}

/// What the client wants, and which field says so.
#[derive(Default)]
struct Wanted {
    field: &'static str,
    effort: Option<String>,
    tokens: Option<u64>,
    hides: bool,
    /// Members that nothing is made of.
    strange: Vec<String>,
}

impl Told {
    pub(super) fn of(generation: &Generation, fields: &Fields<'_>) -> Self {
        let mut said = FIELDS.into_iter().filter_map(|field| Some((field, fields.get(field)?)));
        let own = fields.get("thinking_config").or_else(|| fields.get("thinkingConfig"));
        let mut told = match own {
            Some(own) => Self { verbatim: Some(own.into_owned()), ..Self::default() },
            None => match said.next() {
                None => Self::default(),
                Some((field, json)) => match Wanted::of(field, &json) {
                    Some(wanted) => wanted.told(generation),
                    None => Self { unsaid: vec![field.to_owned()], ..Self::default() },
                },
            },
        };
        told.unsaid.extend(said.map(|(field, _)| field.to_owned()));
        told
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
    /// What a field wants; `None` if it cannot be read.
    fn of(field: &'static str, json: &str) -> Option<Self> {
        let plain = Self { field, ..Self::default() };
        if field == "reasoning_effort" {
            return Some(Self { effort: Some(text(json)?.to_string()), ..plain });
        }
        let members = Members::of(json)?;
        let word = |name| Some(text(members.get(name)?)?.to_string());
        let count = |name| members.get(name)?.parse().ok();
        let known: &[&str] = match field {
            "reasoning" => &["effort", "max_tokens", "enabled", "exclude"],
            _ => &["type", "budget_tokens"],
        };
        let strange = members
            .iter()
            .filter(|(name, value)| !known.contains(name) && says_something(value.get()));
        let strange: Vec<_> = strange.map(|(name, _)| format!("{field}.{name}")).collect();
        let is_off = match field {
            "reasoning" => members.get("enabled") == Some("false"),
            _ => word("type").as_deref() == Some("disabled"),
        };
        let effort = is_off.then(|| "none".to_owned());
        Some(match field {
            "reasoning" => Self {
                effort: effort.or_else(|| word("effort")),
                tokens: count("max_tokens"),
                hides: members.get("exclude") == Some("true"),
                strange,
                ..plain
            },
            _ => Self { effort, tokens: count("budget_tokens"), strange, ..plain },
        })
    }

    fn told(mut self, generation: &Generation) -> Told {
        let mut unsaid = std::mem::take(&mut self.strange);
        let is_off = self.effort.as_deref() == Some("none") || self.tokens == Some(0);
        if self.tokens.is_some() && self.effort.is_some() && !is_off {
            // A number says more than a word.
            unsaid.push(format!("{}.effort", self.field));
        }
        let field = self.field;
        let mut told = self.for_generation(generation, is_off).unwrap_or_else(|| {
            unsaid.clear();
            Told { unsaid: vec![field.to_owned()], ..Told::default() }
        });
        told.unsaid.append(&mut unsaid);
        told
    }

    /// What a generation of models is told; `None` for what it cannot be.
    fn for_generation(self, generation: &Generation, is_off: bool) -> Option<Told> {
        let shows = (!is_off).then_some(!self.hides);
        let effort = if is_off { "none" } else { self.effort.as_deref().unwrap_or_default() };
        let tokens = self.tokens.filter(|_| !is_off);
        let is_unsaid = effort.is_empty() && tokens.is_none();
        Some(match generation.thinking {
            Thinking::Untold if is_off => Told::default(),
            Thinking::Untold => return None,
            Thinking::Budget { may_be_off: false, .. } if is_off => return None,
            _ if is_unsaid => Told { shows, ..Told::default() },
            Thinking::Levels(levels) => match tokens {
                Some(tokens) => Told { shows, budget: Some(tokens), ..Told::default() },
                None => Told { shows, level: Some(level(effort, levels)?), ..Told::default() },
            },
            Thinking::Budget { least, most, .. } => {
                match tokens.or_else(|| budget(effort).map(u64::from))? {
                    0 => Told { budget: Some(0), ..Told::default() },
                    tokens => {
                        let budget = tokens.clamp(least.into(), most.into());
                        Told { shows, budget: Some(budget), ..Told::default() }
                    }
                }
            }
        })
    }
}
