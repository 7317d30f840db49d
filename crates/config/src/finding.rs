//! Something that is wrong or odd, before it is known where it stands.

use std::borrow::Cow;

use crate::Severity;

/// The longest text that is repeated, in bytes.
const LONGEST: usize = 60;

/// As much of a typed text as is repeated.
pub(crate) fn repeated(text: &str) -> Cow<'_, str> {
    match text.char_indices().find(|(at, _)| *at >= LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Something that is wrong or odd at a path.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) path: String,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Whether it is the key that is wrong rather than its value.
    pub(crate) is_key: bool,
    /// What else has to be known for it to be true: where that could not be read, it is not said.
    pub(crate) given: Option<String>,
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Finding {
    pub(crate) fn error(path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        let severity = Severity::Error;
        Self { severity, path, message, help: None, is_key: false, given: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    pub(crate) fn given(mut self, path: impl Into<String>) -> Self {
        self.given = Some(path.into());
        self
    }

    pub(crate) fn at_key(mut self) -> Self {
        self.is_key = true;
        self
    }
}

impl Findings {
    /// Notes what cannot be used, and what would be right.
    pub(crate) fn error(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Finding::error(path, message).help(help));
    }

    /// Notes what can be used but was hardly meant.
    pub(crate) fn warn(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Finding::error(path, message).help(help).warning());
    }
}
