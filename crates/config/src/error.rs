//! A configuration that cannot be used.

use std::fmt;

use crate::{Config, Diagnostic, Severity};

/// A configuration that cannot be used: everything that is wrong with it, and what is odd besides.
/// Its `Display` shows each at its line.
#[derive(Clone, Debug)]
pub struct ConfigError {
    title: String,
    diagnostics: Vec<Diagnostic>,
    readable: Option<Box<Config>>,
}

impl ConfigError {
    /// One that says what keeps a file from being read at all.
    pub(crate) fn unreadable(title: impl Into<String>) -> Self {
        Self { title: title.into(), diagnostics: Vec::new(), readable: None }
    }

    pub(crate) fn new(name: &str, diagnostics: Vec<Diagnostic>) -> Self {
        let count = |severity, word| {
            let count = diagnostics.iter().filter(|d| d.severity == severity).count();
            match count {
                0 => None,
                1 => Some(format!("1 {word}")),
                _ => Some(format!("{count} {word}s")),
            }
        };
        let counts = [count(Severity::Error, "error"), count(Severity::Warning, "warning")];
        let counts: Vec<_> = counts.into_iter().flatten().collect();
        let title = format!("{name}: {}", counts.join(", "));
        Self { title, diagnostics, readable: None }
    }

    pub(crate) fn beside(self, readable: Config) -> Self {
        Self { readable: Some(Box::new(readable)), ..self }
    }

    /// What could be read in spite of that, for whoever looks for more that is wrong. It is not what
    /// somebody meant, and not to be used.
    pub fn readable(&self) -> Option<&Config> {
        self.readable.as_deref()
    }

    /// What is wrong, in the order of the file. Empty if the file could not be read at all.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        self.diagnostics.iter().try_for_each(|diagnostic| write!(f, "\n\n{diagnostic}"))
    }
}

impl std::error::Error for ConfigError {}
