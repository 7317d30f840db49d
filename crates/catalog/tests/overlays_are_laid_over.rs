//! A file and a configuration over the catalogue that was compiled in.

use std::sync::Arc;

use ferro_catalog::{Catalog, Declared, Meter, Overlay, Shared, Stage, TargetModels, Tier};
use ferro_core::{Models, Usage};

const FILE: &str = r#"{
  "azure_openai/gpt-4o": {
    "provider": "azure_openai", "model_id": "gpt-4o", "mode": "chat", "context_window": 128000,
    "pricing": {"input_per_m_tokens": 2.75, "output_per_m_tokens": 1.1e1, "cache_read_per_m_tokens": null},
    "capabilities": {"vision": true, "function_calling": true, "finetuneable": false},
    "lifecycle": {"status": "deprecated", "deprecation_date": "2026-01-02", "successor": "gpt-5"},
    "source": "https://example.com/prices", "updated_at": "2026-11-30T10:00:00Z"
  },
  "openai/tts-9": {"mode": "audio_out", "pricing": {"audio_output_per_character": 0.000015}},
  "openai/whisper-9": {"mode": "audio_in", "pricing": {"audio_input_per_minute": 0.0043}},
  "acme/new": {"prices": {"image[high,1024x1024]": "0.19", "batch.input@200000": 1.5}},
  "openai/less-than-nothing": {"pricing": {"input_per_m_tokens": -1}},
  "openai/": {"mode": "chat"}
}"#;

fn rate(catalog: &Catalog, kind: &str, id: &str, meter: Meter) -> Option<u64> {
    catalog.exact(kind, id)?.prices().rate(Tier::Standard, meter, 1)
}

#[test]
fn a_file_says_what_it_says_and_leaves_the_rest() {
    let overlay = Overlay::read(FILE.as_bytes()).unwrap();
    assert_eq!(overlay.len(), 4);
    assert_eq!(overlay.skipped().len(), 2, "{:?}", overlay.skipped());
    let catalog = Catalog::compiled().overlaid(&overlay).unwrap();
    let model = catalog.exact("azure", "GPT-4o").expect("an alias of a kind leads there too");
    assert_eq!(model.context_window(), Some(128_000));
    assert_eq!((model.stage(), model.successor()), (Stage::Deprecated, Some("gpt-5")));
    assert_eq!(model.source(), "https://example.com/prices");
    assert!(model.can("tools") && model.can("vision") && !model.can("reasoning"));
    assert_eq!(rate(&catalog, "azure-openai", "gpt-4o", Meter::Input), Some(2_750_000_000));
    assert_eq!(rate(&catalog, "azure-openai", "gpt-4o", Meter::Output), Some(11_000_000_000));
    let below = rate(&Catalog::compiled(), "azure-openai", "gpt-4o", Meter::CacheRead);
    assert!(below.is_some());
    assert_eq!(rate(&catalog, "azure-openai", "gpt-4o", Meter::CacheRead), below);
    assert_eq!(rate(&catalog, "openai", "tts-9", Meter::Characters), Some(15_000_000_000));
    // $0.258 for an hour, for a thousand of them.
    assert_eq!(rate(&catalog, "openai", "whisper-9", Meter::AudioTime), Some(258_000_000_000));
    assert!(catalog.exact("openai", "gpt-4o").is_some(), "what no file names is still there");
    let times = catalog.of_kind("azure-openai").filter(|model| model.id() == "gpt-4o").count();
    assert_eq!(times, 1, "a model is listed once");
}

#[test]
fn a_bad_file_changes_nothing() {
    let shared = Shared::new(Overlay::default()).unwrap();
    let refreshed = shared.refresh(FILE.as_bytes()).unwrap();
    assert_eq!((refreshed.models, refreshed.skipped.len()), (4, 2));
    let long = vec![b' '; ferro_catalog::MAX_FILE + 1];
    for bad in [&b""[..], b"{", b"[]", b"{}", br#"{"a/b": 1}"#, br#"{"openai/": {}}"#, &long] {
        shared.refresh(bad).unwrap_err();
        assert!(shared.current().exact("acme", "new").is_some(), "the file before is in force");
    }
}

#[test]
fn what_is_declared_lies_over_every_file() {
    let prices = [("input".to_owned(), "0.07".to_owned())].into();
    let declared = Declared {
        kind: "azure-openai".into(),
        id: "gpt-4o".into(),
        prices,
        context_window: Some(64_000),
        ..Declared::default()
    };
    let mut overlay = Overlay::default();
    overlay.declare(&declared).unwrap();
    assert!(overlay.declare(&declared).unwrap_err().contains("twice"));
    let shared = Shared::new(overlay).unwrap();
    shared.refresh(FILE.as_bytes()).unwrap();
    let catalog = shared.current();
    assert_eq!(rate(&catalog, "azure-openai", "gpt-4o", Meter::Input), Some(70_000_000));
    assert_eq!(rate(&catalog, "azure-openai", "gpt-4o", Meter::Output), Some(11_000_000_000));
    let model = catalog.exact("azure-openai", "gpt-4o").unwrap();
    assert_eq!(model.context_window(), Some(64_000));
    assert_eq!(model.stage(), Stage::Deprecated);
}

#[test]
fn a_declaration_that_makes_no_sense_says_why() {
    for (key, dollars, why) in [
        ("inputs", "1", "counts none of"),
        ("input", "-1", "less than nothing"),
        ("input", "cheap", "not a number"),
        ("input", "0.0000000001", "more digits"),
        ("input@many", "1", "number of tokens"),
        ("image[high", "1", "lacks its `]`"),
        ("soon.input", "1", "no tier"),
    ] {
        let prices = [(key.to_owned(), dollars.to_owned())].into();
        let declared =
            Declared { kind: "openai".into(), id: "x".into(), prices, ..Declared::default() };
        let error = Overlay::default().declare(&declared).unwrap_err();
        assert!(error.contains(why), "{key}={dollars}: {error}");
    }
}

#[test]
fn a_name_that_nobody_knew_is_known_as_soon_as_a_file_brings_it() {
    let shared = Arc::new(Shared::compiled());
    let known = TargetModels::new(Arc::clone(&shared), "acme", &[]).unwrap();
    for _ in 0..2 {
        assert!(known.facts("new").is_none());
        assert!(known.cost("new", &Usage::new(1, 1)).is_err());
    }
    shared.refresh(FILE.as_bytes()).unwrap();
    assert!(known.facts("new").is_some());
    assert!(known.facts("other").is_none() && known.facts("new").is_some());
}
