//! Parameters of sampling and of thinking: Converse's own, and those that each family calls its own
//! way.

use std::borrow::Cow;

use ferro_core::chat::{ChatRequest, Text};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Notes,
    fields::{Fields, raw, raw_field},
};
use crate::model::{Model, Thinking, TopK};

/// The fewest tokens that Claude thinks with.
const LEAST_BUDGET: u64 = 1024;

/// What a request says about sampling and thinking.
#[derive(Debug, Default)]
pub(super) struct Sampling<'a> {
    pub(super) config: Config<'a>,
    /// What only the model's family takes.
    pub(super) own: Fields<'a>,
    pub(super) effort: Option<&'static str>,
    /// Whether the model is to think.
    pub(super) thinks: bool,
    /// Whether it is a Nova that is to think as much as it can, and takes nothing beside that.
    is_nova_at_most: bool,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
}

impl Config<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.max_tokens.is_none()
            && self.temperature.is_none()
            && self.top_p.is_none()
            && self.stop_sequences.is_empty()
    }
}

/// Reads what `request` says, in `model`'s terms.
pub(super) fn read<'a>(
    model: &Model<'_>,
    request: &'a ChatRequest,
    notes: &mut Notes,
) -> Sampling<'a> {
    let mut sampling = Sampling::default();
    if let Some(own) = raw_field(request, "additionalModelRequestFields") {
        match Fields::of(own) {
            Some(own) => sampling.own = own,
            None => notes.unsaid("additionalModelRequestFields"),
        }
    }
    let config = &mut sampling.config;
    config.max_tokens = raw_field(request, "max_completion_tokens");
    config.max_tokens = config.max_tokens.take().or_else(|| raw_field(request, "max_tokens"));
    config.temperature = raw_field(request, "temperature");
    config.top_p = raw_field(request, "top_p");
    config.stop_sequences = stops(request, notes);
    sampling.think(model, request, notes);
    sampling.draw(model, request, notes);
    sampling.restrain(model, notes);
    if let (true, Some(said)) = (model.is_claude(), raw_field(request, "anthropic_beta")) {
        sampling.own.add("anthropic_beta", said);
        notes.heard("anthropic_beta");
    }
    sampling
}

impl<'a> Sampling<'a> {
    /// How much it is to think: in the client's own object, or by an effort.
    fn think(&mut self, model: &Model<'_>, request: &'a ChatRequest, notes: &mut Notes) {
        if let (Some(said), true) = (raw_field(request, "thinking"), model.is_claude()) {
            #[derive(Deserialize)]
            struct Kind<'a> {
                #[serde(borrow, rename = "type")]
                named: Text<'a>,
            }
            let kind = serde_json::from_str::<Kind<'_>>(said.get());
            self.thinks = kind.is_ok_and(|kind| &*kind.named != "disabled");
            self.own.add("thinking", said);
            notes.heard("thinking");
        }
        let Some(said) = raw_field(request, "reasoning_effort") else { return };
        let word = serde_json::from_str::<Text<'_>>(said.get()).unwrap_or_default();
        if &*word == "none" || (self.thinks && self.by_effort(model, &word)) {
            notes.heard("reasoning_effort");
            return;
        }
        if self.thinks || !self.by_effort(model, &word) {
            notes.unsaid("reasoning_effort");
        }
        notes.heard("reasoning_effort");
    }

    /// Says an effort; whether that can be said to the model.
    fn by_effort(&mut self, model: &Model<'_>, word: &str) -> bool {
        const WORDS: [&str; 6] = ["minimal", "low", "medium", "high", "xhigh", "max"];
        let Some(level) = WORDS.iter().position(|known| *known == word) else { return false };
        let three = ["low", "low", "medium", "high", "high", "high"][level];
        match model.thinking() {
            Thinking::Never => return false,
            Thinking::Adaptive => {
                let highest = if model.refuses_sampling() { "xhigh" } else { "max" };
                self.effort = Some(["low", "low", "medium", "high", highest, "max"][level]);
                self.own.add("thinking", raw(Cow::Borrowed(r#"{"type":"adaptive"}"#)));
            }
            Thinking::Budget => {
                if self.thinks {
                    return false; // the client's own object says how much
                }
                let budget = [1024, 1024, 2048, 4096, 8192, 16384][level];
                let most = self.max_tokens().map_or(u64::MAX, |most| most.saturating_sub(1));
                if most < LEAST_BUDGET {
                    return false;
                }
                let json = format!(r#"{{"type":"enabled","budget_tokens":{}}}"#, most.min(budget));
                self.own.add("thinking", raw(Cow::Owned(json)));
            }
            Thinking::NovaEffort => {
                let json = format!(r#"{{"type":"enabled","maxReasoningEffort":"{three}"}}"#);
                self.own.add("reasoningConfig", raw(Cow::Owned(json)));
                self.is_nova_at_most = three == "high";
            }
            Thinking::Effort => {
                self.own.add("reasoning_effort", raw(Cow::Owned(format!("\"{three}\""))));
            }
        }
        self.thinks = true;
        true
    }

    fn max_tokens(&self) -> Option<u64> {
        self.config.max_tokens.as_ref()?.get().parse().ok()
    }

    /// From how many tokens the next is drawn.
    fn draw(&mut self, model: &Model<'_>, request: &'a ChatRequest, notes: &mut Notes) {
        let Some(said) = raw_field(request, "top_k") else { return };
        let is_bound = model.is_claude() && (self.thinks || model.refuses_sampling());
        match model.top_k() {
            _ if is_bound => return notes.unsaid("top_k"),
            TopK::Never => return notes.unsaid("top_k"),
            TopK::Field(name) => self.own.add(name, said),
            TopK::Nova => {
                let json = format!(r#"{{"topK":{}}}"#, said.get());
                self.own.add("inferenceConfig", raw(Cow::Owned(json)));
            }
        }
        notes.heard("top_k");
    }

    /// What a model refuses beside something else is not said.
    fn restrain(&mut self, model: &Model<'_>, notes: &mut Notes) {
        let number = |field: &Option<Cow<'_, RawValue>>| -> Option<f64> {
            field.as_ref()?.get().parse().ok()
        };
        let config = &mut self.config;
        let (temperature, top_p) = (number(&config.temperature), number(&config.top_p));
        let (is_claude, thinks) = (model.is_claude(), self.thinks);
        let is_nova_at_most = self.is_nova_at_most;
        let refuses = model.refuses_sampling() || is_nova_at_most;
        if refuses || (is_claude && thinks && temperature.is_some_and(|t| t < 1.0)) {
            leave(&mut config.temperature, "temperature", notes);
        }
        let is_second = model.takes_one_of_temperature_and_top_p() && config.temperature.is_some();
        if refuses || is_second || (is_claude && thinks && top_p.is_some_and(|p| p < 0.95)) {
            leave(&mut config.top_p, "top_p", notes);
        }
        if is_nova_at_most {
            leave(&mut config.max_tokens, "max_tokens", notes);
        }
    }

    /// Says to Claude, in its own words, that it may call one tool at a time, and that the choice is its
    /// own: Converse's choice beside that would be one too many. Whether the client asks for that.
    pub(super) fn one_call(
        &mut self,
        model: &Model<'_>,
        request: &ChatRequest,
        notes: &mut Notes,
    ) -> bool {
        const ONE: &str = r#"{"type":"auto","disable_parallel_tool_use":true}"#;
        let asks = matches!(request.doc().get("parallel_tool_calls"), Ok(Some(false)));
        if !asks || !model.is_claude() {
            return false;
        }
        self.own.add("tool_choice", raw(Cow::Borrowed(ONE)));
        notes.heard("parallel_tool_calls");
        true
    }
}

fn leave(field: &mut Option<Cow<'_, RawValue>>, name: &'static str, notes: &mut Notes) {
    if field.take().is_some() {
        notes.unsaid(name);
    }
}

/// Where the model is to stop. Space alone is refused.
fn stops(request: &ChatRequest, notes: &mut Notes) -> Vec<String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stop {
        One(String),
        Several(Vec<String>),
    }
    let said = match request.doc().get::<Stop>("stop") {
        Ok(Some(Stop::One(stop))) => vec![stop],
        Ok(Some(Stop::Several(stops))) => stops,
        Ok(None) => Vec::new(),
        Err(_) => {
            notes.unsaid("stop");
            Vec::new()
        }
    };
    let mut stops = Vec::with_capacity(said.len());
    for (at, stop) in said.into_iter().enumerate() {
        if stop.trim().is_empty() {
            notes.unsaid(format!("stop[{at}]"));
        } else {
            stops.push(stop);
        }
    }
    stops
}
