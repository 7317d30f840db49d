//! The keys of the top level.

use super::numbers::budget;
use crate::{Config, finding::Findings};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    if let Some(version) = config.api_version.as_deref().filter(|version| *version != "v1") {
        let message = format!("version `{version}` is not known: the file is read as `v1`");
        findings.warn("apiVersion", message, "write `v1`, or leave the key out");
    }
    if config.max_request_bytes == Some(0) {
        let help = "write a number of bytes, such as 10485760 for 10 MiB";
        findings.error("max_request_bytes", "0 bytes would refuse every request", help);
    }
    if config.max_upload_bytes == Some(0) {
        let help = "write a number of bytes, such as 26214400 for 25 MiB";
        findings.error("max_upload_bytes", "0 bytes would refuse every upload", help);
    }
    budget("request_timeout".to_owned(), config.request_timeout, findings);
    budget("stream.ttft_timeout".to_owned(), config.stream.ttft_timeout, findings);
    if config.targets.is_empty() {
        let help = "list one: `- virtual_key:` and a kind of provider";
        findings.warn("targets", "there is no target: every request is refused", help);
    }
}
