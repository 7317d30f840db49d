//! Who is told what happened.

use super::texts::headers;
use crate::{Config, finding::Findings, paths::at};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let tracing = &config.observability.tracing;
    if !(0.0..=1.0).contains(&tracing.sample_ratio) {
        let message = format!("{} is not a share of requests", tracing.sample_ratio);
        findings.error("observability.tracing.sample_ratio", message, "0 (none) to 1 (all)");
    }
    headers("observability.tracing.headers", &tracing.headers, findings);
    for (index, exporter) in config.observability.exporters.iter().enumerate() {
        if exporter.name.is_empty() {
            let path = format!("{}.name", at("observability.exporters", index));
            findings.error(path, "the exporter is not named", "write which exporter");
        }
    }
}
