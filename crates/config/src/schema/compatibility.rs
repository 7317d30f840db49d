//! What happens where a request asks for what its target cannot do.

use serde::{Deserialize, Serialize};

use super::words::words;

words! {
    /// What happens to a parameter that the target's wire cannot carry. Whatever happens, the reply and
    /// the record list what was left out.
    pub enum OnUnsupportedParam {
        /// It is left out, and the log says so once of each target and field.
        #[default]
        Warn = "warn",
        /// It is left out.
        Drop = "drop",
        /// Targets that it cannot be told are not asked; where that is all of them, the request is
        /// refused.
        Reject = "reject",
    }
}

/// What happens where a request asks for what its target cannot do.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compatibility {
    /// What happens to a parameter that the target's wire cannot carry: `warn` unless said.
    pub on_unsupported_param: OnUnsupportedParam,
}
