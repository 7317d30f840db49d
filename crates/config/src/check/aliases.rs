//! Friendly names of models, and which model takes over from which.

use crate::{Config, finding::Findings, paths::join};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    aliases(config, findings);
    context_fallback(config, findings);
}

fn aliases(config: &Config, findings: &mut Findings) {
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

fn context_fallback(config: &Config, findings: &mut Findings) {
    for (small, large) in &config.context_fallback {
        let path = join("context_fallback", small);
        if small.trim().is_empty() {
            findings.error(path, "the model that is too small has no name", "write it");
        } else if large.trim().is_empty() {
            findings.error(path, format!("nothing takes over from `{small}`"), "write a model");
        } else if let Some(alias) = [small, large].into_iter().find_map(|model| {
            config.aliases.get(model).map(|meant| format!("`{model}` is an alias of `{meant}`"))
        }) {
            findings.error(path, alias, "write the model itself: aliases are replaced before");
        } else if leads_back(config, small) {
            let message = format!("`{small}` takes over from itself in the end");
            findings.error(path, message, "let the models grow larger from each to the next");
        }
    }
}

/// Whether what takes over from a model is the model itself, sooner or later.
fn leads_back(config: &Config, model: &String) -> bool {
    let steps = std::iter::successors(config.context_fallback.get(model), |next| {
        config.context_fallback.get(*next)
    });
    steps.take(config.context_fallback.len()).any(|next| next == model)
}
