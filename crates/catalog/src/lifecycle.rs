//! Warnings about models that their vendors take out of service.

use std::fmt;

use crate::{
    catalog::Catalog,
    format::{date::Date, row::Stage},
};

/// What a person who names a model should know on a given day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warning {
    /// The model, as it was named.
    pub model: String,
    /// The day from which its vendor advises against it, where that is known.
    pub deprecated: Option<Date>,
    /// The day from which it answers nobody, where that is known.
    pub sunset: Option<Date>,
    /// Whether that day has come.
    pub is_over: bool,
    /// What the vendor names instead.
    pub successor: Option<String>,
}

impl Catalog {
    /// The warning about a model, if `today` there is one to give: it is deprecated, or is or will be
    /// switched off.
    pub fn warning(&self, kind: &str, id: &str, today: Date) -> Option<Warning> {
        let model = self.find(kind, id)?.model();
        let deprecated = model.deprecated();
        let is_deprecated = model.stage() == Stage::Deprecated
            || deprecated.is_some_and(|day| day <= today)
            || model.sunset().is_some();
        is_deprecated.then(|| Warning {
            model: id.to_owned(),
            deprecated,
            sunset: model.sunset(),
            is_over: model.sunset().is_some_and(|day| day <= today),
            successor: model.successor().map(str::to_owned),
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, deprecated, sunset, is_over, successor } = self;
        write!(f, "`{model}` is deprecated")?;
        if let Some(day) = deprecated {
            write!(f, " since {day}")?;
        }
        match sunset {
            Some(day) if *is_over => write!(f, ", was switched off on {day}")?,
            Some(day) => write!(f, ", will be switched off on {day}")?,
            None => {}
        }
        successor.iter().try_for_each(|id| write!(f, "; its vendor names `{id}` instead"))
    }
}
