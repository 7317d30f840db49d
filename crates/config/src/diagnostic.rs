//! What is wrong with a configuration, shown at its line.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::{Source, document::Span, finding::Finding};

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The configuration works, though hardly as meant.
    Warning,
    /// The configuration cannot be used.
    Error,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// One thing that is wrong or odd. Its `Display` shows the line of the file, if there is one, with
/// secrets covered.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands, such as `targets[1].retry.attempts`. Empty for the file as a whole.
    pub path: String,
    /// What is wrong, with the value.
    pub message: String,
    /// Where in the file, when the configuration came from one.
    pub position: Option<Position>,
    /// What would be right.
    pub help: Option<String>,
    span: Option<Span>,
    source: Source,
}

impl Diagnostic {
    pub(crate) fn new(finding: Finding, source: Source) -> Self {
        let key = finding.is_key.then(|| source.key(&finding.path)).flatten();
        let span = key.or_else(|| source.nearest(&finding.path));
        Self::at(finding, source, span)
    }

    /// At a place that is known otherwise.
    pub(crate) fn at(finding: Finding, source: Source, span: Option<Span>) -> Self {
        let Finding { severity, path, message, help, is_key: _, given: _ } = finding;
        let position = span.as_ref().and_then(|span| source.position(span.start));
        Self { severity, path, message, position, help, span, source }
    }

    /// Whether the configuration cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let excerpt = self.span.as_ref().and_then(|span| self.source.excerpt(span));
        // Where no line says it, the path does.
        let title = match (&excerpt, self.path.as_str()) {
            (Some(_), _) | (None, "") => self.message.clone(),
            (None, path) => format!("{path}: {}", self.message),
        };
        let mut report = level.primary_title(title).elements(excerpt.map(|excerpt| {
            let annotation = AnnotationKind::Primary.span(excerpt.span);
            let label = (!self.path.is_empty()).then_some(self.path.as_str());
            Snippet::source(excerpt.line)
                .path(excerpt.name)
                .line_start(excerpt.number)
                .annotation(annotation.label(label))
        }));
        if let Some(help) = &self.help {
            report = report.element(Level::HELP.message(help));
        }
        f.write_str(&Renderer::plain().render(&[report]))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
