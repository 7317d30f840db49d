//! Everything that is wrong with a file, at once, and nothing secret.

use ferro_cli::Exit;
use serde_json::{Value, json};

use crate::scene::Scene;

const SECRET: &str = "sk-nobody-may-see-this";

#[tokio::test]
async fn a_valid_file_is_summarized() {
    let mut scene = Scene::new();
    scene.set("OPENAI_API_KEY", SECRET).set("GROQ_API_KEY", SECRET);
    scene.write(
        "a.yaml",
        "strategy: {mode: fallback}\n\
         targets: [{virtual_key: openai}, {virtual_key: second, provider: groq}]\n\
         aliases: {fast: gpt-4o-mini, smart: gpt-4o}\n",
    );
    let told = scene.run(&["validate", "a.yaml"]).await;
    let expected = "\
✓ Config is valid

Strategy    fallback
Targets     2
Providers   openai, second (groq)
Plugins     none
Aliases     2
";
    assert_eq!((told.out.as_str(), told.err.as_str()), (expected, ""));
    assert_eq!(told.exit, Exit::Success);
}

#[tokio::test]
async fn the_examples_can_be_used_as_they_are() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    for name in ["config.example.yaml", "config.example.json", "routing.example.yaml"] {
        let file = folder.join(name);
        let told = Scene::new().run(&["validate", "--strict", file.to_str().unwrap()]).await;
        assert_eq!(told.exit, Exit::Success, "{name}: {}", told.err);
    }
}

#[tokio::test]
async fn several_mistakes_are_told_at_once() {
    let scene = Scene::new();
    let keys = "strategy: {mode: roulette}\ntargets: [{virtual_key: openai, weight: -1}]\n\
                alaises: {a: b}\n";
    let kinds = "targets: [{virtual_key: acme}, {virtual_key: own, provider: ajax}]\n";
    let both = "strategy: {mode: fallback, failover_on_status_codes: [7]}\n\
                targets: [{virtual_key: acme, retry: {attempts: 2}}, {virtual_key: b, provider: [groq]}]\n";
    scene.write("a.yaml", both);
    let told = scene.run(&["validate", "a.yaml"]).await;
    assert!(told.err.contains("a.yaml: 3 mistakes"), "{}", told.err);
    for words in
        ["7 is not an HTTP status", "unknown provider `acme`", "expected text, found a list"]
    {
        assert!(told.err.contains(words), "{words}: {}", told.err);
    }
    assert!(told.err.contains(" --> ") && told.err.contains("a.yaml:2:25"), "{}", told.err);
    for (text, expected) in [
        (keys, ["roulette", "targets[0].weight"]),
        (kinds, ["unknown provider `acme`", "unknown provider `ajax`"]),
    ] {
        scene.write("a.yaml", text);
        let told = scene.run(&["validate", "a.yaml"]).await;
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""));
        assert!(told.err.contains("a.yaml: 2 mistakes"), "{}", told.err);
        let begin = |line: &&str| line.starts_with("error: ");
        assert_eq!(told.err.lines().filter(begin).count(), 2, "{}", told.err);
        assert!(!told.err.contains("error: error:"), "{}", told.err);
        // What is merely odd is told too, and not counted among the mistakes.
        assert_eq!(told.err.contains("warning: unknown key `alaises`"), text == keys);
        assert!(expected.iter().all(|words| told.err.contains(words)), "{}", told.err);
    }
}

#[tokio::test]
async fn what_only_this_machine_lacks_is_a_warning() {
    let scene = Scene::new();
    scene.write(
        "a.yaml",
        "targets: [{virtual_key: openai}, {virtual_key: cloudflare}, {virtual_key: databricks},\n\
         {virtual_key: own, provider: groq, api_key: '${OWN_KEY}'},\n\
         {virtual_key: part, provider: groq, api_key: 'team-${PART_KEY}', base_url: 'https://${PART_HOST}/v1',\n\
          headers: {X-Seal: 'v1 ${PART_SEAL}'}}]\n",
    );
    let told = scene.run(&["validate", "a.yaml"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(told.out.starts_with("✓ Config is valid"), "{}", told.out);
    let vendors = ["OPENAI_API_KEY", "CLOUDFLARE_ACCOUNT_ID", "DATABRICKS_HOST"];
    // Each that the file names, and not only the first of a target; also inside of a secret.
    let named = ["OWN_KEY", "PART_KEY", "PART_HOST", "PART_SEAL"];
    for name in vendors.into_iter().chain(named) {
        let warns = |line: &str| line.starts_with("warning: ") && line.contains(name);
        assert!(told.out.lines().any(warns), "{name}: {}", told.out);
    }
    assert!(!told.out.contains("warning: error:"), "{}", told.out);
}

#[tokio::test]
async fn what_programs_read_holds_no_secret_and_warnings_stand_beside_it() {
    let scene = Scene::new();
    let config = json!({
        "strategy": {"mode": "fallback"},
        "targets": [
            {"virtual_key": "openai", "api_key": SECRET, "headers": {"x-any": SECRET}},
            {"virtual_key": "third", "provider": "groq", "api_key": "${GROQ_API_KEY}"},
            {"virtual_key": "own", "provider": "openai-compatible",
             "base_url": format!("https://me:{SECRET}@host/v1")},
            {"virtual_key": "groq"},
        ],
    });
    scene.write("a.json", &config.to_string());
    let told = scene.run(&["validate", "a.json", "--format", "json"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    let shown: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(shown["targets"][1]["api_key"], "${GROQ_API_KEY}");
    assert_eq!(shown["targets"][2]["virtual_key"], "own");
    assert!(told.err.contains("GROQ_API_KEY"), "{}", told.err);

    let yaml = scene.run(&["validate", "a.json", "--format", "yaml"]).await;
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml.out).unwrap(), shown);
    for told in [told, yaml, scene.run(&["validate", "a.json"]).await] {
        assert!(!format!("{told:?}").contains(SECRET), "{told:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let scene = Scene::new();
    scene.write("broken.yaml", "targets: [\n");
    scene.write("a.toml", "");
    for (file, words) in
        [("absent.yaml", "absent.yaml"), ("broken.yaml", "broken.yaml"), ("a.toml", ".yaml")]
    {
        let told = scene.run(&["validate", file]).await;
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{file}");
        assert!(told.err.contains(words), "{file}: {}", told.err);
    }
}

#[tokio::test]
async fn a_key_that_nobody_knows_is_refused_where_that_is_asked_for() {
    let scene = Scene::new();
    scene.write("a.yaml", "targets: [{virtual_key: openai, api_key: k}]\nalaises: {a: b}\n");
    let told = scene.run(&["validate", "a.yaml", "--strict"]).await;
    assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{told:?}");
    assert!(told.err.contains("error: unknown key `alaises`"), "{}", told.err);
    scene.write("b.yaml", "targets: [{virtual_key: openai, api_key: k}]\n");
    assert_eq!(scene.run(&["validate", "b.yaml", "--strict"]).await.exit, Exit::Success);
    assert_eq!(scene.run(&["validate", "a.yaml"]).await.exit, Exit::Success);
}
