//! Pieces of policy.

use super::texts::opaque;
use crate::{Config, finding::Findings, paths::at};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (index, plugin) in config.plugins.iter().enumerate() {
        let path = at("plugins", index);
        if plugin.name.is_empty() {
            let help = "write which plugin, such as `word-filter`";
            findings.error(format!("{path}.name"), "the plugin is not named", help);
        }
        opaque(&format!("{path}.config"), &plugin.config.0, findings);
        // A guard that somebody believes to stand is worse than none; written out, off is meant.
        let says_nothing = config.source.value(&path).is_some()
            && config.source.value(&format!("{path}.enabled")).is_none();
        if says_nothing && !plugin.enabled {
            let message = format!("`{}` is off", plugin.name);
            findings.warn(
                path,
                message,
                "write `enabled: true`, or `enabled: false` if it is meant",
            );
        }
    }
}
