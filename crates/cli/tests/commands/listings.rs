//! What the build is and has.

use ferro_cli::Exit;
use ferro_core::{Evidence, Fixtures, Registry};
use serde_json::Value;

use crate::scene::Scene;

#[tokio::test]
async fn the_version_is_the_same_in_every_form() {
    let scene = Scene::new();
    let json = scene.run(&["version", "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let yaml = scene.run(&["version", "--format", "yaml"]).await;
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml.out).unwrap(), json);
    let table = scene.run(&["version"]).await;
    assert_eq!(table.exit, Exit::Success);
    for field in ["version", "commit", "built", "rustc", "os_arch"] {
        let value = json[field].as_str().unwrap();
        assert!(!value.is_empty() && table.out.contains(value), "{field}: {}", table.out);
    }
    assert!(json["rustc"].as_str().unwrap().starts_with("rustc 1."), "{json}");
}

#[tokio::test]
async fn every_kind_is_listed_with_its_variables_and_none_of_their_values() {
    let mut scene = Scene::new();
    scene.set("GROQ_API_KEY", "sk-nobody-may-see-this");
    let json = scene.run(&["providers", "--format", "json"]).await;
    let listed: Vec<Value> = serde_json::from_str(&json.out).unwrap();
    let kinds: Vec<_> =
        scene.registry.provider_factories().iter().map(|f| f.describe().kind).collect();
    assert_eq!(listed.iter().map(|kind| kind["kind"].as_str().unwrap()).collect::<Vec<_>>(), kinds);
    let configured: Vec<_> = listed.iter().filter(|kind| kind["configured"] == true).collect();
    assert_eq!(configured.len(), 1);
    assert_eq!(configured[0]["kind"], "groq");
    assert_eq!(configured[0]["surfaces"][0], "chat");
    assert_eq!(configured[0]["env"][0]["name"], "GROQ_API_KEY");

    let table = scene.run(&["providers"]).await;
    let groq = table.out.lines().find(|line| line.starts_with("groq ")).unwrap();
    let cells: Vec<_> = groq.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!((cells[0], cells[2], cells[4]), ("groq", "yes", "GROQ_API_KEY"));
    assert!(cells[1].starts_with("chat "), "{groq}");
    let widest = table.out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}: {}", table.out);
    let told = scene.run(&["providers", "groq"]).await.out;
    assert!(
        told.contains("[GROQ_BASE_URL]") && told.contains("text_completion over chat"),
        "{told}"
    );
    assert!(!format!("{json:?}{table:?}").contains("sk-nobody"));
}

#[tokio::test]
async fn a_kind_is_told_with_its_variables_and_by_what_it_was_tried() {
    static EVIDENCE: Evidence = Evidence::new(
        &["acme 1.2.3"],
        &[Fixtures::new("groq", [1, 0, 2, 0]), Fixtures::new("", [0, 30, 0, 4])],
    );
    let mut scene = Scene::new();
    let all = scene.registry.provider_factories().to_vec();
    scene.registry = Registry::new().tried_providers(&all, &EVIDENCE);
    let table = scene.run(&["providers"]).await;
    let groq = table.out.lines().find(|line| line.starts_with("groq ")).unwrap();
    assert!(groq.contains(" 3+34* "), "{groq}");

    let told = scene.run(&["providers", "groq"]).await;
    for line in [
        "API root   https://api.groq.com/openai/v1",
        "Serves     chat",
        "Variables  GROQ_API_KEY: the key",
        "Fixtures   3 of its own: 1 of documents, 2 recorded",
        "           34 shared: 30 of official libraries, 4 constructed",
        "Judged by  acme 1.2.3",
    ] {
        assert!(told.out.contains(line), "{line}: {}", told.out);
    }
    let json = scene.run(&["providers", "groq", "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["kind"], &json["tested"]["own"]["recorded"]), (&"groq".into(), &2.into()));
    assert_eq!(json["tested"]["oracles"][0], "acme 1.2.3");

    let unknown = scene.run(&["providers", "grok"]).await;
    assert_eq!(unknown.exit, Exit::Failure);
    assert!(unknown.err.contains("unknown provider `grok`") && unknown.err.contains("groq"));
}

#[tokio::test]
async fn a_build_without_providers_lists_none_and_has_none_to_configure() {
    let mut scene = Scene::new();
    scene.registry = Registry::new();
    let told = scene.run(&["providers", "--format", "json"]).await;
    assert_eq!((told.exit, told.out.trim()), (Exit::Success, "[]"));
    for typed in [&["init"][..], &["demo", "--once"]] {
        let told = scene.run(typed).await;
        assert_eq!(told.exit, Exit::Failure, "{typed:?}");
        assert!(told.err.contains("this build has no provider"), "{}", told.err);
    }
}
