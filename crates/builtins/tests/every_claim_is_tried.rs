//! Every surface that a kind of this build claims was given to the conformance suite by its own crate.

use std::{collections::BTreeMap, fs, path::PathBuf};

use ferro_core::{Description, ProviderFactory, SurfaceKind, Way};
use ferro_testkit::Suite;

/// The crates of a full build, by their folders below `providers/`.
const CRATES: [(&str, &[&dyn ProviderFactory]); 9] = [
    ("anthropic", ferro_provider_anthropic::PROVIDERS),
    ("azure", ferro_provider_azure::PROVIDERS),
    ("bedrock", ferro_provider_bedrock::PROVIDERS),
    ("cohere", ferro_provider_cohere::PROVIDERS),
    ("google", ferro_provider_google::PROVIDERS),
    ("ollama", ferro_provider_ollama::PROVIDERS),
    ("openai", ferro_provider_openai::PROVIDERS),
    ("openai-compatible", ferro_provider_openai_compatible::PROVIDERS),
    ("replicate", ferro_provider_replicate::PROVIDERS),
];

fn folder(of: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../providers").join(of)
}

/// How many trials there are of each surface of each kind: of laws, and of cases.
fn tried() -> BTreeMap<(String, String), [usize; 2]> {
    let mut tried = BTreeMap::new();
    for (name, factories) in CRATES {
        let suite = Suite::new(factories, &folder(name).join("tests/fixtures"));
        for trial in suite.names() {
            let parts: Vec<_> = trial.split("::").collect();
            let (kind, surface, is_case) = match parts[..] {
                [kind, surface, "case", _] => (kind, surface, 1),
                [kind, surface, _law] if kind != "crate" => (kind, surface, 0),
                _ => continue,
            };
            tried.entry((kind.to_owned(), surface.to_owned())).or_insert([0, 0])[is_case] += 1;
        }
    }
    tried
}

fn described() -> Vec<Description> {
    let registry = ferro_builtins::registry();
    registry.provider_factories().iter().map(|factory| factory.describe()).collect()
}

#[test]
fn every_claim_has_its_laws_and_what_its_vendor_says() {
    let tried = tried();
    let mut untried = Vec::new();
    for kind in described() {
        for surface in SurfaceKind::ALL {
            let Some(way) = kind.way(*surface) else { continue };
            let place = (kind.kind.to_owned(), surface.as_str().to_owned());
            let [laws, cases] = tried.get(&place).copied().unwrap_or_default();
            let is_tried = match way {
                // Its errors, its safety, and at least one of its own; a success and a refusal.
                Way::Own => laws > 10 && cases > 1,
                Way::Over(_) => laws > 10,
            };
            if !is_tried {
                let place = format!("{}::{}", place.0, place.1);
                untried.push(format!("{place}: {laws} laws and {cases} cases"));
            }
        }
    }
    assert!(untried.is_empty(), "{untried:#?}");
}

#[test]
fn nothing_is_tried_that_nobody_claims() {
    let described = described();
    let all: Vec<_> = SurfaceKind::ALL.to_vec();
    for (kind, surface) in tried().keys() {
        let is_claimed = described.iter().any(|description| {
            let surface = all.iter().find(|own| own.as_str() == surface);
            description.kind == kind && surface.is_some_and(|own| description.way(*own).is_some())
        });
        assert!(is_claimed, "{kind}::{surface}");
    }
}

/// Each of the crates runs that very suite as a test of its own, and there is no other.
#[test]
fn every_crate_runs_the_suite_over_all_that_it_lists() {
    let mut folders: Vec<_> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, CRATES.map(|(name, _)| name));
    for name in &folders {
        let read = |file: &str| fs::read_to_string(folder(name).join(file)).unwrap();
        let manifest: String = read("Cargo.toml").split_whitespace().collect();
        let test = r#"[[test]]name="conformance"harness=false"#;
        assert!(manifest.contains(test), "{name}: {test}");
        let package = name.replace('-', "_");
        let run = format!(
            r#"ferro_testkit::providers(ferro_provider_{package}::PROVIDERS,"tests/fixtures")"#
        );
        let conformance: String = read("tests/conformance.rs").split_whitespace().collect();
        assert!(conformance.contains(&run), "{name}: {run}");
    }
    let listed: usize = CRATES.iter().map(|(_, factories)| factories.len()).sum();
    assert_eq!(listed, described().len());
}
