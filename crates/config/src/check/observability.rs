//! Who is told what happened.

use super::texts::{headers, http_url, opaque};
use crate::{Config, UrlRef, finding::Findings, paths::at};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let tracing = &config.observability.tracing;
    if !(0.0..=1.0).contains(&tracing.sample_ratio) {
        let message = format!("{} is not a share of requests", tracing.sample_ratio);
        findings.error("observability.tracing.sample_ratio", message, "0 (none) to 1 (all)");
    }
    if let Some(endpoint) = &tracing.endpoint {
        endpoint_url(endpoint, findings);
    }
    headers("observability.tracing.headers", &tracing.headers, findings);
    for (index, exporter) in config.observability.exporters.iter().enumerate() {
        let path = at("observability.exporters", index);
        opaque(&format!("{path}.config"), &exporter.config.0, findings);
        if exporter.name.is_empty() {
            findings.error(
                format!("{path}.name"),
                "the exporter is not named",
                "write which exporter",
            );
        }
    }
}

/// A receiver's URL; `host:port` will do, as it always has.
fn endpoint_url(endpoint: &UrlRef, findings: &mut Findings) {
    let path = "observability.tracing.endpoint".to_owned();
    if endpoint.typed().contains("://") {
        http_url(path, endpoint, findings);
    }
}
