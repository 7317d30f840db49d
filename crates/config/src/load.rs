//! Reads a configuration, and says everything that is wrong with it at once.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use crate::{
    Config, ConfigError, Diagnostic, Severity, Source,
    check::{self, References},
    document::{self, Broken},
    finding::{Finding, Findings},
    literal,
    paths::is_within,
    reading,
};

/// The most bytes of a file that are read. More than any settings, and little enough to be held
/// several times over: what is named by mistake may be a log, or a device that never ends.
const MAX_FILE: u64 = 8 << 20;

/// How a configuration is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// YAML, one document.
    Yaml,
    /// JSON.
    Json,
}

/// What happens to what is odd: unknown keys above all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Strictness {
    /// It is warned about.
    #[default]
    Lenient,
    /// It is refused.
    Strict,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of(path: &Path) -> Result<Self, ConfigError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.unwrap_or_default() {
            "yaml" | "yml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            other => Err(ConfigError::unreadable(format!(
                "{}: unsupported config file extension {other:?}: use .json, .yaml, or .yml",
                path.display()
            ))),
        }
    }
}

impl Config {
    /// Reads a file; its name says how it is written. What is odd is in
    /// [`warnings`](Self::warnings).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::load_with(path, Strictness::Lenient)
    }

    /// Reads a file, and says how odd it may be.
    pub fn load_with(path: impl AsRef<Path>, strictness: Strictness) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let format = Format::of(path)?;
        let name = path.display().to_string();
        let text = text_of(path)
            .map_err(|error| ConfigError::unreadable(format!("{name} cannot be read: {error}")))?;
        read(&name, &text, format, strictness)
    }

    /// Reads a text.
    pub fn parse(text: &str, format: Format) -> Result<Self, ConfigError> {
        Self::parse_with(text, format, Strictness::Lenient)
    }

    /// Reads a text, and says how odd it may be.
    pub fn parse_with(
        text: &str,
        format: Format,
        strictness: Strictness,
    ) -> Result<Self, ConfigError> {
        read("configuration", text, format, strictness)
    }
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    match u64::try_from(text.len()).is_ok_and(|length| length <= MAX_FILE) {
        true => Ok(text),
        false => Err(io::Error::other("it is longer than 8 MiB, as no configuration is")),
    }
}

fn read(
    name: &str,
    text: &str,
    format: Format,
    strictness: Strictness,
) -> Result<Config, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let entries = document::read(text, format)
        .map_err(|broken| ConfigError::new(name, vec![show_broken(name, text, broken)]))?;
    let source = Source::new(name, text, &entries);
    let mut odd = Findings::default();
    literal::check(&entries, &mut odd);
    let mut reading = reading::read(entries, text, source.masks());
    reading.config.source = source;
    let mut findings = reading.findings;
    let is_open = |path: &str| !reading.removed.iter().any(|removed| is_within(path, removed));
    // A target or a route that could not be read may be the one that a rule names.
    let lost = [("targets", ".virtual_key"), ("routes", ".name"), ("routes", ".targets")];
    let names_are_known = lost.iter().all(|(list, name)| {
        let is_lost = |removed: &String| {
            removed.strip_prefix(list).is_some_and(|below| below.starts_with('['))
                && (removed.ends_with(']') || removed.ends_with(name))
        };
        is_open(list) && !reading.removed.iter().any(is_lost)
    });
    let references = if names_are_known { References::Checked } else { References::Open };
    let mut checked = check::check(&reading.config, references);
    checked.0.append(&mut odd.0);
    let is_known =
        |finding: &Finding| is_open(&finding.path) && finding.given.as_deref().is_none_or(is_open);
    findings.0.extend(checked.0.into_iter().filter(is_known));
    if strictness == Strictness::Strict {
        findings.0.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }
    finish(name, reading.config, findings, reading.covered)
}

fn finish(
    name: &str,
    mut config: Config,
    findings: Findings,
    covered: Vec<document::Span>,
) -> Result<Config, ConfigError> {
    let has_errors = findings.0.iter().any(|finding| finding.severity == Severity::Error);
    config.source.note(findings.0, covered);
    match has_errors {
        true => Err(ConfigError::new(name, config.warnings()).beside(config)),
        false => Ok(config),
    }
}

fn show_broken(name: &str, text: &str, broken: Broken) -> Diagnostic {
    let source = Source::broken(name, text);
    let span = source.byte(broken.line, broken.column).map(|at| at..at);
    Diagnostic::at(Finding::error("", broken.message), source, span)
}
