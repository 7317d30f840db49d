//! The strategies by the word that selects them.

use ferro_core::Strategy;

use crate::{
    AbTest, Condition, Conditional, ContentBased, ContentRule, CostOptimized, Fallback,
    LeastLatency, LoadBalance, Single, Sticky, StrategyError, Unpriced, Variant,
};

/// The modes that can be built.
pub const MODES: &[&str] = &[
    "single",
    "fallback",
    "loadbalance",
    "conditional",
    "least-latency",
    "cost-optimized",
    "content-based",
    "ab-test",
];

/// What strategies go by besides what they are shown. Each takes what is its own.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The rules of `conditional`.
    pub conditions: Vec<Condition>,
    /// The rules of `content-based`.
    pub content_rules: Vec<ContentRule>,
    /// The variants of `ab-test`.
    pub variants: Vec<Variant>,
    /// Whose requests `ab-test` keeps in one variant.
    pub sticky: Option<Sticky>,
    /// What `cost-optimized` does without a price.
    pub unpriced: Unpriced,
    /// How long a reply `cost-optimized` expects, as a share of the prompt; its own guess unless
    /// said.
    pub output_share: Option<f64>,
}

/// The strategy that `mode` selects.
///
/// # Errors
///
/// The mode is none of [`MODES`], or what it goes by is missing or wrong.
///
/// ```
/// use ferro_strategies::{Settings, Variant, build};
///
/// let variants = vec![Variant::new("old", Some(9.0), ""), Variant::new("new", None, "canary")];
/// assert!(build("ab-test", Settings { variants, ..Settings::default() }).is_ok());
///
/// let error = build("roulette", Settings::default()).err().unwrap();
/// assert!(error.to_string().starts_with("`mode` cannot be `roulette`; known: single, fallback"));
/// ```
pub fn build(mode: &str, settings: Settings) -> Result<Box<dyn Strategy>, StrategyError> {
    let Settings { conditions, content_rules, variants, sticky, unpriced, output_share } = settings;
    let by_cost = CostOptimized::new(unpriced);
    Ok(match mode {
        "single" => Box::new(Single),
        "fallback" => Box::new(Fallback),
        "loadbalance" => Box::new(LoadBalance),
        "conditional" => Box::new(Conditional::new(conditions)?),
        "least-latency" => Box::new(LeastLatency::default()),
        "cost-optimized" => {
            Box::new(output_share.map_or(by_cost, |share| by_cost.with_output_share(share)))
        }
        "content-based" => Box::new(ContentBased::new(content_rules)?),
        "ab-test" => Box::new(AbTest::new(variants)?.with_sticky(sticky)),
        _ => return Err(StrategyError::word("mode", mode, &MODES.join(", "))),
    })
}
