//! What can be asked about a configuration once it is there.

use crate::{
    Config, Diagnostic, Position,
    check::{self, References},
    finding::Finding,
};

impl Config {
    /// Everything that is wrong or odd with it, all at once, in the order of the schema. It can be
    /// used if none [is an error](Diagnostic::is_error). Names of providers and plugins are not
    /// looked up here: what there is depends on the build.
    pub fn validate(&self) -> Vec<Diagnostic> {
        let findings = check::check(self, References::Checked);
        findings.0.iter().map(|finding| self.source.diagnose(finding)).collect()
    }

    /// What was odd when it was read, in the order of the file: unknown keys, and what
    /// [`validate`](Self::validate) warns about. Nothing if a program put it together.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let findings = self.source.warnings().iter();
        let mut warnings: Vec<_> = findings.map(|finding| self.source.diagnose(finding)).collect();
        warnings.sort_by_key(|diagnostic| diagnostic.position);
        warnings
    }

    /// Where the value at `path` (`targets[0].virtual_key`) stands in the file that it was read
    /// from. `None` for what the file does not say.
    pub fn position(&self, path: &str) -> Option<Position> {
        self.source.value(path).and_then(|span| self.source.position(span.start))
    }

    /// An error at `path`, shown at the line of the file where that stands, or would: for whatever
    /// turns out to be wrong only when components are built.
    pub fn diagnostic(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.source.diagnose(&Finding::error(path, message))
    }
}
