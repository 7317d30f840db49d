//! Models that are named and that their vendors take out of service.

use std::time::SystemTime;

use ferro_catalog::{Catalog, Date};
use ferro_config::Config;

/// Models that a configuration names and that their vendors take out of service, as far as the build
/// knows: one text for each place, shown at its line of the file if it came from one.
pub fn doubts(config: &Config) -> Vec<String> {
    let Some(today) = today() else { return Vec::new() };
    let catalog = Catalog::compiled();
    let kinds: Vec<&str> = config.targets.iter().map(ferro_config::Target::kind).collect();
    let named = names(config);
    let doubts = named.iter().filter_map(|(path, model, kind)| {
        let kinds = kind.as_ref().map_or(kinds.as_slice(), std::slice::from_ref);
        let warning = kinds.iter().find_map(|kind| catalog.warning(kind, model, today))?;
        Some(config.diagnostic(path, warning.to_string()).to_string())
    });
    doubts.collect()
}

/// Every model that is named: where, what, and of which kind of provider where that is said.
fn names(config: &Config) -> Vec<(String, &str, Option<&str>)> {
    let mut named = Vec::new();
    for (index, target) in config.targets.iter().enumerate() {
        let path = format!("targets[{index}]");
        for (at, model) in target.models.iter().enumerate() {
            named.push((format!("{path}.models[{at}]"), model.as_str(), Some(target.kind())));
        }
        let priced = target.prices.keys().filter(|model| !target.models.contains(model));
        let path = |model: &str| format!("{path}.prices.{model}");
        named.extend(priced.map(|model| (path(model), model.as_str(), Some(target.kind()))));
    }
    let aliases = config.aliases.iter();
    named.extend(aliases.map(|(name, model)| (format!("aliases.{name}"), model.as_str(), None)));
    for (index, route) in config.routes.iter().enumerate() {
        let of_model = route.when.iter().enumerate().filter(|(_, when)| when.key == "model");
        let path = |at: usize| format!("routes[{index}].when[{at}].value");
        named.extend(of_model.map(|(at, when)| (path(at), when.value.as_str(), None)));
    }
    named
}

pub(crate) fn today() -> Option<Date> {
    let now = humantime::format_rfc3339(SystemTime::now()).to_string();
    Date::parse(now.split('T').next()?).ok()
}

#[cfg(test)]
mod tests {
    use ferro_config::Format;

    use super::*;

    #[test]
    fn whoever_names_a_model_that_is_switched_off_is_told_where_when_and_what_instead() {
        let text = "targets:\n- virtual_key: openai\n  models: [gpt-4o, gpt-4.5-preview]\n  prices: {gpt-4.5-preview: {input_per_m_tokens: 1}}\naliases: {old: gpt-4.5-preview}\n";
        let config = Config::parse(text, Format::Yaml).unwrap();
        let doubts = doubts(&config);
        assert_eq!(doubts.len(), 2, "{doubts:?}");
        assert!(doubts[0].contains("`gpt-4.5-preview` is deprecated"), "{}", doubts[0]);
        assert!(doubts[0].contains("on 2025-07-14; its vendor names `gpt-4.1`"), "{}", doubts[0]);
        assert!(doubts[0].contains("targets[0].models[1]"), "{}", doubts[0]);
        assert!(doubts[1].contains("aliases.old"), "{}", doubts[1]);
    }
}
