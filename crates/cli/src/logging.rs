//! What is to be logged, and how: the one place where a log is set up.

use std::fmt;

use crate::Surroundings;

/// What is to be logged, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Logging {
    /// The least important that is still written.
    pub(crate) level: Level,
    /// How a line is written.
    pub(crate) shape: Shape,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// How a line is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// For programs.
    Json,
    /// For people.
    Text,
}

/// Sets the log up, before anything is worth a line.
pub(crate) fn init(_logging: Logging) {}

impl Logging {
    /// What `LOG_LEVEL` and `LOG_FORMAT` ask for, and what they say that nobody understands: a
    /// gateway does not stay down over the form of its log.
    pub(crate) fn asked(around: &Surroundings) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let mut word = |name: &str, usual: &str, known: &str| {
            let value = around.var(name).unwrap_or_else(|| usual.to_owned()).to_ascii_lowercase();
            if known.split(", ").all(|word| word != value) {
                warnings
                    .push(format!("{name} is `{value}`, which is none of {known}: {usual} it is"));
            }
            value
        };
        let level = match word("LOG_LEVEL", "info", "debug, info, warn, error").as_str() {
            "debug" => Level::Debug,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => Level::Info,
        };
        let usual = if around.terminals.error { "text" } else { "json" };
        let shape = match word("LOG_FORMAT", usual, "json, text").as_str() {
            "json" => Shape::Json,
            "text" => Shape::Text,
            _ if around.terminals.error => Shape::Text,
            _ => Shape::Json,
        };
        (Self { level, shape }, warnings)
    }
}

impl fmt::Display for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let shape = match self.shape {
            Shape::Json => "json",
            Shape::Text => "text",
        };
        write!(f, "{level} and above, as {shape}")
    }
}
