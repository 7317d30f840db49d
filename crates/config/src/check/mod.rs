//! What types cannot say: numbers in their ranges, names that exist, keys that go together. One
//! part of the schema a file.

mod aliases;
mod general;
mod idle;
mod limits;
mod mcp;
mod media;
mod names;
mod numbers;
mod observability;
mod plugins;
mod routes;
mod shadows;
mod strategy;
mod targets;
mod texts;

use crate::{Config, finding::Findings};

/// Whether every target and every route is known, so that a name can be said to be none of theirs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum References {
    /// They are.
    Checked,
    /// One could not be read.
    Open,
}

/// Everything that is wrong or odd, in the order of the schema.
pub(crate) fn check(config: &Config, references: References) -> Findings {
    let mut findings = Findings::default();
    general::check(config, &mut findings);
    strategy::check("strategy", &config.strategy, &mut findings);
    targets::check(config, &mut findings);
    routes::check(config, &mut findings);
    limits::retry_budget(config, &mut findings);
    plugins::check(config, &mut findings);
    aliases::check(config, &mut findings);
    mcp::check(config, &mut findings);
    observability::check(config, &mut findings);
    media::check(config, &mut findings);
    idle::check(config, &mut findings);
    shadows::check(config, &mut findings);
    if references == References::Checked {
        names::check(config, &mut findings);
    }
    findings
}
