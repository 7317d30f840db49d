//! Media that a request names by URL.

use super::numbers::budget;
use crate::{Config, finding::Findings, paths::at};

/// The most redirects that anybody needs.
const MAX_REDIRECTS: usize = 10;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let Some(fetch) = &config.media.fetch else { return };
    for (index, host) in fetch.hosts.iter().enumerate() {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        if host.trim_matches('.').is_empty() || !host.chars().all(is_name) {
            let help = "write a name such as `images.example.com`; hosts below it are allowed too";
            let message = format!("`{host}` is not the name of a host");
            findings.error(at("media.fetch.hosts", index), message, help);
        }
    }
    if fetch.hosts.is_empty() {
        let help = "list the hosts that your clients' media are at, under `hosts`";
        findings.warn("media.fetch", "any public host is asked that a client names", help);
    }
    for (key, value) in [("max_bytes", fetch.max_bytes), ("max_count", fetch.max_count)] {
        if value == 0 {
            let help = "write 1 or more, or leave out `media.fetch`";
            findings.error(format!("media.fetch.{key}"), "nothing could be fetched", help);
        }
    }
    if fetch.max_redirects > MAX_REDIRECTS {
        let message = format!("{} redirects are followed to no end", fetch.max_redirects);
        findings.error("media.fetch.max_redirects", message, format!("0 to {MAX_REDIRECTS}"));
    }
    budget("media.fetch.timeout".to_owned(), Some(fetch.timeout), findings);
}
