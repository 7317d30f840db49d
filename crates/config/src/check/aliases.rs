//! Friendly names of models, and which model takes over from which.

use crate::{Config, finding::Findings, paths::join};

/// So many models may take over one after the other: a request is asked no more often than that.
const MOST_STEPS: usize = 8;

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
        } else if is_too_long(config, small) {
            let message = format!("more than {MOST_STEPS} models take over from `{small}` in turn");
            findings.error(path, message, "name a larger model sooner");
        }
    }
}

/// Whether what takes over from a model is the model itself, sooner or later.
fn leads_back(config: &Config, model: &String) -> bool {
    steps(config, model).take(config.context_fallback.len()).any(|next| next == model)
}

/// Whether more models than may be asked take over from one. A way into a circle is none: where that
/// begins is said.
fn is_too_long(config: &Config, model: &str) -> bool {
    let most = config.context_fallback.len();
    (MOST_STEPS + 1..=most).contains(&steps(config, model).take(most + 1).count())
}

/// The models that take over from one in turn: without an end where they lead in a circle.
fn steps<'a>(config: &'a Config, model: &str) -> impl Iterator<Item = &'a String> {
    let larger = &config.context_fallback;
    std::iter::successors(larger.get(model), |next| larger.get(*next))
}
