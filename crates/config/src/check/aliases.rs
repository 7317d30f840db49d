//! Friendly names of models.

use crate::{Config, finding::Findings, paths::join};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (alias, model) in &config.aliases {
        let path = join("aliases", alias);
        if alias.trim().is_empty() {
            findings.error(path, "an alias has no name", "write the name that clients use");
        } else if model.trim().is_empty() {
            findings.error(path, format!("`{alias}` means nothing"), "write a model's name");
        } else if alias == model {
            findings.error(path, format!("`{alias}` means itself"), "write a model's name");
        } else if let Some(further) = config.aliases.get(model) {
            let message = format!("`{alias}` means `{model}`, which is an alias itself");
            findings.error(path, message, format!("write `{further}`: aliases are not chained"));
        }
    }
}
