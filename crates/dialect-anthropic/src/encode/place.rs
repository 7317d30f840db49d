//! Where something stands in the client's request, in words.

use std::fmt::Display;

use ferro_core::{ErrorKind, ProviderError};

/// A part of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) message: usize,
    pub(super) part: usize,
}

impl Place {
    /// A member of the part, as the client knows it.
    pub(super) fn member(self, name: impl Display) -> String {
        format!("messages[{}].content[{}].{name}", self.message, self.part)
    }

    /// The vendor cannot take this member.
    pub(super) fn unsupported(self, name: &str, why: impl Display) -> ProviderError {
        unsupported(&format!("{}: {why}", self.member(name)))
    }

    /// This member is not what it should be.
    pub(super) fn invalid(self, name: &str, why: impl Display) -> ProviderError {
        invalid(&format!("{}: {why}", self.member(name)))
    }
}

/// The vendor cannot be told this, and the request means nothing without it.
pub(super) fn unsupported(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(message)
}

/// The request is wrong.
pub(super) fn invalid(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(message)
}
