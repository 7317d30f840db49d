//! The strategy that a configuration asks for.

use ferro_config::Strategy as Typed;
use ferro_core::Strategy;
use ferro_strategies::{Condition, ContentRule, Settings, StrategyError, Variant, build};

/// Builds it from what was typed.
pub(crate) fn strategy(typed: &Typed) -> Result<Box<dyn Strategy>, StrategyError> {
    let conditions = typed.conditions.iter();
    let contents = typed.content_conditions.iter();
    let variants = typed.ab_variants.iter();
    let settings = Settings {
        conditions: conditions
            .map(|rule| Condition::new(&rule.key, &rule.value, &*rule.target_key))
            .collect(),
        content_rules: contents
            .map(|rule| ContentRule::new(rule.test.as_str(), &rule.value, &*rule.target_key))
            .collect::<Result<_, _>>()?,
        variants: variants
            .map(|variant| Variant::new(&*variant.target_key, variant.weight, &variant.label))
            .collect(),
        sticky: typed.sticky.as_deref().map(str::parse).transpose()?,
        unpriced: typed.unpriced_strategy.as_str().parse()?,
        output_share: typed.output_share,
    };
    build(typed.mode.as_str(), settings)
}
