//! In which order targets are asked.

use serde::{Deserialize, Serialize};

use super::{Affinity, Hedging, unset, words::words};

words! {
    /// The strategies by name.
    pub enum Mode {
        /// The first target and no other.
        #[default]
        Single = "single",
        /// One after the other, as listed, until one answers.
        Fallback = "fallback",
        /// A share of the traffic for each, by weight.
        LoadBalance = "loadbalance",
        /// By the model's name.
        Conditional = "conditional",
        /// Whoever has been fastest lately.
        LeastLatency = "least-latency",
        /// Whoever charges least.
        CostOptimized = "cost-optimized",
        /// By what the prompt says.
        ContentBased = "content-based",
        /// A share of the traffic for each variant.
        AbTest = "ab-test",
    }
}

words! {
    /// What `cost-optimized` does with a target whose price is not known.
    pub enum Unpriced {
        /// Asks it after all that have a price.
        #[default]
        Fallback = "fallback",
        /// Leaves it out.
        Skip = "skip",
        /// Takes it as if it cost nothing.
        Allow = "allow",
    }
}

words! {
    /// What a content rule looks for.
    pub enum ContentTest {
        /// A user message contains the value; case does not matter.
        #[default]
        Contains = "prompt_contains",
        /// No user message contains the value.
        NotContains = "prompt_not_contains",
        /// A user message matches the regular expression.
        Regex = "prompt_regex",
    }
}

/// In which order targets are asked.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Strategy {
    /// Which strategy: `single` unless said.
    pub mode: Mode,
    /// The rules of `conditional`; the first that matches wins.
    #[serde(skip_serializing_if = "unset")]
    pub conditions: Vec<Condition>,
    /// The rules of `content-based`; the first that matches wins.
    #[serde(skip_serializing_if = "unset")]
    pub content_conditions: Vec<ContentCondition>,
    /// The variants of `ab-test`.
    #[serde(skip_serializing_if = "unset")]
    pub ab_variants: Vec<AbVariant>,
    /// Whose requests `ab-test` keeps in one variant: `user`, `key` or `header:<name>`; nobody's
    /// unless said.
    #[serde(skip_serializing_if = "unset")]
    pub sticky: Option<String>,
    /// What `cost-optimized` does without a price: `fallback` unless said.
    #[serde(skip_serializing_if = "unset")]
    pub unpriced_strategy: Unpriced,
    /// How long a reply `cost-optimized` expects where the client sets no bound, as a share of the
    /// prompt: 0.5 unless said.
    #[serde(skip_serializing_if = "unset")]
    pub output_share: Option<f64>,
    /// Statuses after which the next target is asked although the request itself is refused: a
    /// status from 400 to 499 ends it otherwise, but for those that say something about the target.
    #[serde(skip_serializing_if = "unset")]
    pub failover_on_status_codes: Vec<u16>,
    /// Whether requests that belong together stay with one target; they do not unless said.
    #[serde(skip_serializing_if = "unset")]
    pub affinity: Option<Affinity>,
    /// Whether a second target is asked while the first is slow to begin; none is unless said.
    #[serde(skip_serializing_if = "unset")]
    pub hedging: Option<Hedging>,
}

impl Strategy {
    /// A strategy with nothing but a name.
    pub fn new(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }
}

/// A rule of `conditional`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// What it looks at: `model` (the whole name, after aliases), `model_prefix`, `user`, `key` (the
    /// access key's name), `header:<name>` or `metadata:<name>`. A rule with any other key never
    /// matches.
    pub key: String,
    /// What that must be.
    pub value: String,
    /// The `virtual_key` of the target that is asked, or the name of a route.
    pub target_key: String,
}

/// A rule of `content-based`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContentCondition {
    /// What it looks for.
    #[serde(rename = "type")]
    pub test: ContentTest,
    /// The text or the regular expression.
    pub value: String,
    /// The `virtual_key` of the target that is asked, or the name of a route.
    pub target_key: String,
}

/// A variant of `ab-test`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AbVariant {
    /// The `virtual_key` of the target that is asked, or the name of a route.
    pub target_key: String,
    /// Its share: 1 unless said, 0 for none.
    #[serde(skip_serializing_if = "unset")]
    pub weight: Option<f64>,
    /// What it is called in records.
    #[serde(skip_serializing_if = "unset")]
    pub label: String,
}
