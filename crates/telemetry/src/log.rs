//! Where the log goes, how much of it, and how it is written.

use std::{
    fmt,
    io::{self, IsTerminal as _},
    str::FromStr,
};

use tracing_subscriber::EnvFilter;

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Level {
    /// What helps to find a mistake.
    Debug,
    /// What an operator wants to see.
    #[default]
    Info,
    /// What should be looked at.
    Warn,
    /// What is broken.
    Error,
}

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    /// For a person.
    Text,
}

/// A word that is none of those that are known.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{word}` is not one of {known}")]
pub struct UnknownWord {
    word: String,
    known: &'static str,
}

/// The log was set up already.
#[derive(Debug, thiserror::Error)]
#[error("the log was set up already: {0}")]
pub struct InitError(String);

impl FromStr for Level {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word.to_ascii_lowercase().as_str() {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" | "warning" => Ok(Self::Warn),
            "error" => Ok(Self::Error),
            _ => Err(UnknownWord { word: word.to_owned(), known: "debug, info, warn, error" }),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(UnknownWord { word: word.to_owned(), known: "json, text" }),
        }
    }
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Text => "text",
        })
    }
}

/// Sends the process's events to standard output. Our own at `level`; those of libraries only where
/// something is wrong.
pub fn init(level: Level, format: Format) -> Result<(), InitError> {
    // A filter goes by the beginning of a target's name, and our crates begin alike.
    let own = level.as_str();
    let others = if level == Level::Error { "error" } else { "warn" };
    let filter = EnvFilter::new(format!("{others},ferro={own}"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stdout);
    let set = match format {
        Format::Json => builder
            .json()
            .with_target(false)
            .flatten_event(true)
            .with_current_span(false)
            .try_init(),
        Format::Text => builder.with_ansi(io::stdout().is_terminal()).try_init(),
    };
    set.map_err(|error| InitError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_unknown_ones_list_the_known() {
        assert_eq!("WARN".parse(), Ok(Level::Warn));
        assert_eq!("json".parse(), Ok(Format::Json));
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "`xml` is not one of json, text");
    }
}
