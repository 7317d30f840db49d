//! What comes to light while a request is said: what cannot be, and which beta features it takes.

use std::borrow::Cow;

use ferro_core::Unsaid;

/// What comes to light while a request is said.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// What the vendor cannot be told.
    pub(crate) unsaid: Vec<Unsaid>,
    /// The beta features without which the vendor would refuse it.
    pub(crate) betas: Vec<&'static str>,
}

impl Notes {
    /// This cannot be said.
    pub(crate) fn unsaid(&mut self, field: impl Into<Cow<'static, str>>) {
        let unsaid = Unsaid(field.into());
        if !self.unsaid.contains(&unsaid) {
            self.unsaid.push(unsaid);
        }
    }

    /// This takes a beta feature.
    pub(crate) fn beta(&mut self, name: &'static str) {
        if !self.betas.contains(&name) {
            self.betas.push(name);
        }
    }
}
