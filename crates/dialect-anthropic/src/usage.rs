//! What the vendor counts, in our convention.

use ferro_core::{ServiceTier, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Counts as the vendor says them, in one piece or bit by bit.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Counts {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<Written>,
    output_tokens_details: Option<Details>,
    /// The same counts of each of several requests that stood behind this one.
    iterations: Option<Vec<Iteration>>,
    inference_geo: Option<Box<RawValue>>,
    speed: Option<Box<RawValue>>,
    /// How often the vendor's own tools were used, which it charges for.
    server_tool_use: Option<Box<RawValue>>,
    /// Which service the reply was given.
    service_tier: Option<Box<RawValue>>,
}

/// One of several requests behind a reply.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Iteration {
    #[serde(rename = "type", default)]
    kind: Kind,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<Written>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// What went before was summed up: alone of all kinds it is not in the counts above, and was asked
    /// of the same model.
    Compaction,
    #[default]
    #[serde(other)]
    Other,
}

/// What was written to the cache, by how long it lives.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Written {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Details {
    thinking_tokens: Option<u64>,
}

/// How often the vendor's own tools were used.
#[derive(Deserialize)]
struct Tools {
    web_search_requests: Option<u64>,
}

impl Counts {
    /// Takes later counts: they are cumulative, so they replace the earlier ones and are not added.
    pub(crate) fn overwrite(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        let written = later.cache_creation_input_tokens;
        self.cache_creation_input_tokens = written.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens =
            later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
        self.output_tokens_details = later.output_tokens_details.or(self.output_tokens_details);
        self.iterations = later.iterations.or(self.iterations.take());
        self.inference_geo = later.inference_geo.or(self.inference_geo.take());
        self.speed = later.speed.or(self.speed.take());
        self.server_tool_use = later.server_tool_use.or(self.server_tool_use.take());
        self.service_tier = later.service_tier.or(self.service_tier.take());
    }

    /// The counts in our convention; `None` where nothing is counted.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.input_tokens.or(self.output_tokens)?;
        let own = Iteration {
            kind: Kind::Other,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_creation_input_tokens: self.cache_creation_input_tokens,
            cache_read_input_tokens: self.cache_read_input_tokens,
            cache_creation: self.cache_creation,
        };
        let mut usage = Usage::default();
        own.add_to(&mut usage);
        for iteration in self.iterations.iter().flatten().filter(|i| i.kind == Kind::Compaction) {
            iteration.add_to(&mut usage);
        }
        usage.reasoning_tokens =
            self.output_tokens_details.and_then(|details| details.thinking_tokens).unwrap_or(0);
        let usage = usage.at(self.tier());
        Some(match self.searches() {
            0 => usage,
            searches => usage.with(|besides| besides.searches = searches),
        })
    }

    /// The service that decides the price. What is thought in one country alone costs more than any
    /// price that is known here.
    fn tier(&self) -> ServiceTier {
        let word = |said: &Option<Box<RawValue>>| {
            said.as_deref().and_then(|json| serde_json::from_str::<String>(json.get()).ok())
        };
        let is = |said: &Option<Box<RawValue>>, words: &[&str]| {
            word(said).is_none_or(|word| words.contains(&word.as_str()))
        };
        let is_anywhere = is(&self.inference_geo, &["global", "not_available", ""]);
        match (word(&self.service_tier).as_deref(), word(&self.speed).as_deref()) {
            _ if !is_anywhere => ServiceTier::Other,
            (Some("standard") | None, Some("standard") | None) => ServiceTier::Standard,
            (Some("standard") | None, Some("fast")) => ServiceTier::Fast,
            (Some("batch"), Some("standard") | None) => ServiceTier::Batch,
            (Some("priority"), Some("standard") | None) => ServiceTier::Priority,
            _ => ServiceTier::Other,
        }
    }

    /// How often the web was searched: of the vendor's own tools the one that is charged by its use.
    fn searches(&self) -> u64 {
        let used = self.server_tool_use.as_deref();
        let used = used.and_then(|json| serde_json::from_str::<Tools>(json.get()).ok());
        used.and_then(|tools| tools.web_search_requests).unwrap_or_default()
    }

    /// What is said beside the counts: how often the vendor's own tools were used, which it charges
    /// for; which service the reply was given, and where.
    pub(crate) fn beside(&self) -> impl Iterator<Item = (&'static str, &RawValue)> {
        let said = [
            ("service_tier", &self.service_tier),
            ("server_tool_use", &self.server_tool_use),
            ("inference_geo", &self.inference_geo),
            ("speed", &self.speed),
        ];
        said.into_iter().filter_map(|(name, json)| Some((name, json.as_deref()?)))
    }
}

impl Iteration {
    /// The vendor counts what it reads from its cache, and what it writes there, beside what it reads
    /// otherwise.
    fn add_to(&self, usage: &mut Usage) {
        let classes = self.cache_creation.unwrap_or_default();
        let an_hour = classes.ephemeral_1h_input_tokens.unwrap_or_default();
        let by_class =
            classes.ephemeral_5m_input_tokens.unwrap_or_default().saturating_add(an_hour);
        let written = self.cache_creation_input_tokens.unwrap_or(by_class).max(by_class);
        let read = self.cache_read_input_tokens.unwrap_or_default();
        let input = self.input_tokens.unwrap_or_default();
        let prompt = input.saturating_add(read).saturating_add(written);
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        add(&mut usage.prompt_tokens, prompt);
        add(&mut usage.completion_tokens, self.output_tokens.unwrap_or_default());
        add(&mut usage.cached_tokens, read);
        add(&mut usage.cache_write_1h_tokens, an_hour);
        add(&mut usage.cache_write_tokens, written - an_hour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Counts {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_prompt_includes_what_the_cache_read_and_wrote() {
        let usage = read(
            r#"{"input_tokens":1,"output_tokens":9,"cache_read_input_tokens":20,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens_details":{"thinking_tokens":4}}"#,
        );
        let usage = usage.usage().unwrap();
        assert_eq!((usage.prompt_tokens, usage.cached_tokens), (321, 20));
        assert_eq!((usage.cache_write_tokens, usage.cache_write_1h_tokens), (100, 200));
        assert_eq!((usage.completion_tokens, usage.reasoning_tokens), (9, 4));
        assert_eq!(read("{}").usage(), None);
    }

    #[test]
    fn the_service_that_was_given_decides_the_price() {
        for (said, tier) in [
            ("", ServiceTier::Standard),
            (
                r#","service_tier":"standard","inference_geo":"not_available""#,
                ServiceTier::Standard,
            ),
            (r#","service_tier":"batch""#, ServiceTier::Batch),
            (r#","service_tier":"priority","inference_geo":"global""#, ServiceTier::Priority),
            (r#","service_tier":"standard","speed":"fast""#, ServiceTier::Fast),
            (r#","service_tier":"standard","inference_geo":"us""#, ServiceTier::Other),
            (r#","service_tier":"reserved""#, ServiceTier::Other),
        ] {
            let counts = read(&format!(r#"{{"input_tokens":1,"output_tokens":2{said}}}"#));
            assert_eq!(counts.usage().unwrap().tier, tier, "{said}");
        }
        let counts = r#"{"input_tokens":1,"output_tokens":2,"server_tool_use":{"web_search_requests":3,"web_fetch_requests":9}}"#;
        assert_eq!(read(counts).usage().unwrap().rest().searches, 3);
    }

    #[test]
    fn later_counts_replace_earlier_ones() {
        let mut counts = read(
            r#"{"input_tokens":10,"output_tokens":1,"cache_read_input_tokens":5,"service_tier":"standard"}"#,
        );
        counts.overwrite(read(
            r#"{"output_tokens":7,"input_tokens":10,"server_tool_use":{"web_search_requests":2}}"#,
        ));
        let usage = counts.usage().unwrap();
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (15, 7));
        assert_eq!(counts.service_tier.unwrap().get(), "\"standard\"");
        assert_eq!(counts.server_tool_use.unwrap().get(), r#"{"web_search_requests":2}"#);
    }
}
