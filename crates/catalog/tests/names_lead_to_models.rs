//! Which model a name leads to, in the catalogue as it is.

use std::{collections::BTreeMap, env, fs, path::Path};

use ferro_catalog::{Catalog, Key, Match, Meter, Model, Stage, Trimmed, canonical};
use proptest::prelude::*;

#[test]
fn there_are_models_and_every_one_is_found_by_its_own_id() {
    let catalog = Catalog::compiled();
    assert!(Catalog::compiled_len() >= 2_500, "{}", Catalog::compiled_len());
    assert_eq!(catalog.iter().count(), Catalog::compiled_len());
    for model in catalog.iter() {
        let (kind, id) = (model.kind(), model.id());
        for spelling in [id.to_owned(), id.to_ascii_uppercase()] {
            let found = catalog.find(kind, &spelling).unwrap();
            assert_eq!((found.model().kind(), found.model().id()), (kind, id));
            assert_eq!(found.by(), Match::Exact);
        }
        assert!(model.source().starts_with("https://"), "{kind}/{id}: {}", model.source());
        assert!(model.updated().is_some(), "{kind}/{id}");
        assert!(model.surfaces().next().is_some(), "{kind}/{id}");
    }
}

#[test]
fn a_models_limit_is_that_of_its_vendors_page_and_not_of_a_beta() {
    let catalog = Catalog::compiled();
    for (kind, name, output) in [
        ("anthropic", "claude-3-7-sonnet-20250219", 64_000),
        ("anthropic", "claude-opus-4-20250514", 32_000),
        ("anthropic", "claude-sonnet-4-0", 64_000),
        ("bedrock", "eu.anthropic.claude-sonnet-4-20250514-v1:0", 64_000),
        ("vertex-ai", "claude-opus-4@20250514", 32_000),
    ] {
        let found = catalog.find(kind, name).unwrap();
        assert_eq!(found.model().max_output_tokens(), Some(output), "{kind}/{name}");
    }
}

#[test]
fn a_name_leads_to_a_model_by_what_is_taken_off() {
    let catalog = Catalog::compiled();
    for (kind, name, id, by) in [
        ("openai", "gpt-4o-2031-01-31", "gpt-4o", Match::Trimmed(Trimmed::Snapshot)),
        ("gemini", "models/gemini-2.5-pro", "gemini-2.5-pro", Match::Trimmed(Trimmed::Path)),
        ("gemini-openai", "gemini-2.5-pro", "gemini-2.5-pro", Match::Exact),
        ("openai", "openai/gpt-4o", "gpt-4o", Match::Trimmed(Trimmed::Maker)),
        ("openrouter", "openai/gpt-4o:nitro", "openai/gpt-4o", Match::OtherService),
    ] {
        let found = catalog.find(kind, name).unwrap_or_else(|| panic!("{kind}/{name}"));
        assert_eq!((found.model().id(), found.by()), (id, by), "{kind}/{name}");
    }
    let nitro = catalog.find("openrouter", "openai/gpt-4o:nitro").unwrap();
    assert!(nitro.prices().is_none(), "another service has another price");
    assert!(catalog.find("openai", "no-such-model-2024-01-01").is_none());
    assert!(catalog.find("no-such-kind", "gpt-4o").is_none());
}

#[test]
fn looking_up_allocates_nothing() {
    let catalog = Catalog::compiled();
    let counted = allocation_counter::measure(|| {
        assert!(catalog.find("openai", "gpt-4o").is_some());
        assert!(catalog.find("openai", "models/gpt-4o-2031-01-31").is_some());
        assert!(catalog.find("openai", "no-such-model").is_none());
    });
    assert_eq!(counted.count_total, 0);
}

/// What a model charges for a fresh token and for one that is said.
fn rates(model: Model<'_>) -> BTreeMap<Key, u64> {
    let is_plain = |key: &Key| matches!(key.meter, Meter::Input | Meter::Output);
    let prices = model.prices().iter().filter(|price| is_plain(&price.key));
    prices.map(|price| (price.key, price.rate)).collect()
}

/// Whether two models name another price for the same.
fn differ(one: Model<'_>, other: Model<'_>) -> bool {
    let others = rates(other);
    rates(one).iter().any(|(key, rate)| others.get(key).is_some_and(|other| other != rate))
}

/// Ids that are one when everything is taken off, and are not priced alike: an unknown id like them
/// has the price of whichever it leads to. The list is in `priced_apart.tsv`; with `FERRO_WRITE_LISTS`
/// set it is written.
#[test]
fn ids_that_are_one_without_their_trimmings_cost_the_same_or_are_listed() {
    let catalog = Catalog::compiled();
    let mut groups: BTreeMap<(&str, String), Vec<Model<'_>>> = BTreeMap::new();
    for model in catalog.iter().filter(|model| !rates(*model).is_empty()) {
        let is_service = {
            let name = canonical(model.id());
            catalog.find(model.kind(), name).is_some() && model.id().contains(':')
        };
        if is_service && model.kind() != "bedrock" {
            // Resellers' `:free` and its like have prices of their own, and are never taken for one another.
            continue;
        }
        let name = canonical(model.id()).to_ascii_lowercase();
        groups.entry((model.kind(), name)).or_default().push(model);
    }
    let mut apart = Vec::new();
    for ((kind, name), models) in groups {
        if models.iter().any(|one| models.iter().any(|other| differ(*one, *other))) {
            let ids: Vec<_> = models.iter().map(Model::id).collect();
            apart.push(format!("{kind}\t{name}\t{}\n", ids.join(" ")));
        }
    }
    let apart = apart.concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/priced_apart.tsv");
    if env::var_os("FERRO_WRITE_LISTS").is_some() {
        fs::write(&path, &apart).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), apart);
}

#[test]
fn what_vendors_announced_is_known() {
    let catalog = Catalog::compiled();
    let today = ferro_catalog::Date::parse("2025-12-01").unwrap();
    let warning = catalog.warning("anthropic", "claude-3-opus-20240229", today).unwrap();
    assert_eq!(
        warning.to_string(),
        "`claude-3-opus-20240229` is deprecated since 2025-06-30, will be switched off on 2026-01-05"
    );
    let later = ferro_catalog::Date::parse("2026-01-05").unwrap();
    assert!(catalog.warning("anthropic", "claude-3-opus-20240229", later).unwrap().is_over);
    let warning = catalog.warning("openai", "gpt-4.5-preview", later).unwrap();
    assert_eq!(warning.successor.as_deref(), Some("gpt-4.1"));
    assert_eq!(catalog.warning("openai", "gpt-4o", today), None);
    let previews = catalog.iter().filter(|model| model.stage() == Stage::Preview).count();
    assert!(previews > 50, "{previews}");
}

proptest! {
    #[test]
    fn what_has_nothing_left_to_take_off_stays(id in "[a-z@:./-]{0,12}([0-9-]{0,12}|-latest|:free)") {
        prop_assert_eq!(canonical(canonical(&id)), canonical(&id));
    }

    #[test]
    fn any_name_leads_somewhere_or_nowhere(id in ".{0,200}") {
        let catalog = Catalog::compiled();
        if let Some(found) = catalog.find("openai", &id) {
            let again = catalog.find("openai", found.model().id()).unwrap();
            prop_assert_eq!(again.model().id(), found.model().id());
            prop_assert_eq!(again.by(), Match::Exact);
        }
    }
}
