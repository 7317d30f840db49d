//! Which provider to suggest to somebody who has configured none.

use ferro_core::{Description, Registry};

/// The first kind that one variable is enough for; else the first of all.
pub(crate) fn of(registry: &Registry) -> Option<Description> {
    let listed = || registry.provider_factories().iter().map(|factory| factory.describe());
    let needs_one =
        |kind: &Description| kind.env.iter().filter(|variable| variable.required).count() == 1;
    listed().find(needs_one).or_else(|| listed().next())
}

/// The variable that a kind cannot do without.
pub(crate) fn variable(kind: &Description) -> &'static str {
    let required = kind.env.iter().find(|variable| variable.required);
    required.map_or("its variables", |variable| variable.name)
}
