//! One run of one command: what was typed, what the build has, what is around it.

use std::{fmt::Display, io, path::PathBuf};

use anstyle::{AnsiColor, Style};
use ferro_core::Registry;

use crate::{
    Surroundings,
    arguments::{Format, Options},
    configuration::Findings,
};

/// What a command works with.
pub(crate) struct Session<'a> {
    pub(crate) registry: Registry,
    pub(crate) options: Options,
    pub(crate) around: &'a mut Surroundings,
}

/// Says that something is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Says that something may be meant otherwise.
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
/// Says that something is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

impl Session<'_> {
    /// A line of the result.
    pub(crate) fn say(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.around.out, "{line}")
    }

    /// A line beside the result.
    pub(crate) fn note(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.around.err, "{line}")
    }

    /// A warning beside the result.
    pub(crate) fn warn(&mut self, text: impl Display) -> io::Result<()> {
        let word = paint(DOUBTFUL, "warning:", self.is_coloured(self.around.terminals.error));
        self.note(format_args!("{word} {text}"))
    }

    /// What is wrong, beside the result.
    pub(crate) fn complain(&mut self, text: impl Display) -> io::Result<()> {
        let word = paint(BAD, "error:", self.is_coloured(self.around.terminals.error));
        self.note(format_args!("{word} {text}"))
    }

    /// Everything that is wrong with a configuration, and what is odd besides.
    pub(crate) fn report(&mut self, findings: &Findings) -> io::Result<()> {
        findings.errors.iter().try_for_each(|error| self.complain(error))?;
        findings.warnings.iter().try_for_each(|warning| self.warn(warning))
    }

    /// A word of the result in a colour, where there is somebody to see it.
    pub(crate) fn painted(&self, style: Style, word: &str) -> String {
        paint(style, word, self.is_coloured(self.around.terminals.output))
    }

    fn is_coloured(&self, is_terminal: bool) -> bool {
        is_terminal && !self.options.no_color && self.around.var("NO_COLOR").is_none()
    }

    /// How results are to be written.
    pub(crate) fn format(&self) -> Format {
        self.options.format.unwrap_or(Format::Table)
    }

    /// The configuration file: the one that was typed, or the one that the environment names.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        let typed = self.options.config.clone();
        let file = typed.or_else(|| self.around.var("GATEWAY_CONFIG").map(PathBuf::from))?;
        Some(self.around.directory.join(file))
    }
}

fn paint(style: Style, word: &str, is_coloured: bool) -> String {
    if is_coloured { format!("{style}{word}{style:#}") } else { word.to_owned() }
}
