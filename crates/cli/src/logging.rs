//! What is to be logged, and how: the one place where a log is set up.

use std::{fmt, str::FromStr};

use ferro_gateway::RecordFormat;
use ferro_telemetry::{Format, InitError, Level, UnknownWord};

use crate::Surroundings;

/// What is to be logged, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Logging {
    /// The least important that is still written.
    level: Level,
    /// How a line is written.
    format: Format,
}

impl Logging {
    /// What `LOG_LEVEL` and `LOG_FORMAT` ask for, and what they say that nobody understands: a
    /// gateway does not stay down over the form of its log.
    pub(crate) fn asked(around: &Surroundings) -> (Self, Vec<String>) {
        let mut doubts = Vec::new();
        let usual = if around.terminals.output { Format::Text } else { Format::Json };
        let level = word(around, "LOG_LEVEL", Level::Info, &mut doubts);
        let format = word(around, "LOG_FORMAT", usual, &mut doubts);
        (Self { level, format }, doubts)
    }

    /// Sets the log up, before anything is worth a line.
    pub(crate) fn init(self) -> Result<(), InitError> {
        ferro_telemetry::init(self.level, self.format)
    }

    /// How a line for every request is written; none is where only what is wrong is logged.
    pub(crate) fn records(self) -> Option<RecordFormat> {
        match (self.level, self.format) {
            (Level::Warn | Level::Error, _) => None,
            (_, Format::Json) => Some(RecordFormat::Json),
            (_, Format::Text) => Some(RecordFormat::Text),
        }
    }
}

fn word<T: FromStr<Err = UnknownWord> + fmt::Display>(
    around: &Surroundings,
    name: &str,
    usual: T,
    doubts: &mut Vec<String>,
) -> T {
    let Some(value) = around.var(name) else { return usual };
    value.parse().unwrap_or_else(|error| {
        doubts.push(format!("{name}: {error}; it is taken to be {usual}"));
        usual
    })
}

impl fmt::Display for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and above, as {}", self.level, self.format)
    }
}
