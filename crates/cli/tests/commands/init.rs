//! The first configuration file.

use std::fs;

use ferro_cli::Exit;

use crate::scene::{Scene, Told};

const SECRET: &str = "sk-nobody-may-see-this";

/// The master key that was printed, which is there exactly so often as it is to be used.
fn key(told: &Told) -> String {
    let at = told.out.find("fgw_").unwrap_or_else(|| panic!("no key: {}", told.out));
    let key: String =
        told.out[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    assert_eq!(key.len(), "fgw_".len() + 32, "{key}");
    assert!(key[4..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    key
}

#[tokio::test]
async fn the_environments_providers_are_in_the_file_in_the_builds_order_and_it_is_valid() {
    for (output, format) in [("config.yaml", "yaml"), ("config.json", "json")] {
        let mut scene = Scene::new();
        scene.set("GROQ_API_KEY", SECRET).set("OPENAI_API_KEY", SECRET).set("AI21_API_KEY", SECRET);
        // Half of what this one needs: it is not configured.
        scene.set("CLOUDFLARE_API_KEY", SECRET);
        let told = scene.run(&["init", "--non-interactive", "--config-format", format]).await;
        assert_eq!(told.exit, Exit::Success, "{told:?}");
        assert!(told.out.contains("targets: openai, ai21, groq"), "{}", told.out);
        let text = fs::read_to_string(scene.path(output)).unwrap();
        let order = ["openai", "ai21", "groq"].map(|kind| text.find(kind).unwrap());
        assert!(order.is_sorted() && !text.contains("cloudflare"), "{text}");
        assert!(!format!("{told:?}{text}").contains(SECRET));
        assert!(!text.contains(&key(&told)));

        let checked = scene.run(&["validate", output]).await;
        assert_eq!(checked.exit, Exit::Success, "{checked:?}");
        assert!(checked.out.contains("Targets     3") && !checked.out.contains("warning"));
    }
}

#[tokio::test]
async fn without_a_provider_a_place_is_held() {
    let scene = Scene::new();
    let (kind, variable) = scene.simplest();
    let told = scene.run(&["init"]).await;
    assert!(told.out.contains(variable), "{}", told.out);
    let text = fs::read_to_string(scene.path("config.yaml")).unwrap();
    let (named, needed) = (format!("virtual_key: {kind}"), format!("needs {variable}"));
    assert!(text.contains(&named) && text.contains(&needed), "{text}");
    assert_eq!(scene.run(&["validate", "config.yaml"]).await.exit, Exit::Success);
}

#[tokio::test]
async fn a_file_that_exists_is_left_alone_and_no_key_is_printed() {
    let scene = Scene::new();
    scene.write("config.yaml", "mine");
    let told = scene.run(&["init"]).await;
    assert_eq!(told.exit, Exit::Success);
    assert!(told.out.contains("skipped") && !told.out.contains("fgw_"), "{}", told.out);
    assert_eq!(fs::read_to_string(scene.path("config.yaml")).unwrap(), "mine");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    scene.run(&["init", "-o", "own.yml"]).await;
    let mode = fs::metadata(scene.path("own.yml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn every_key_is_another_and_its_use_is_shown() {
    let (one, other) = (Scene::new(), Scene::new());
    let (one, other) = (one.run(&["init"]).await, other.run(&["init"]).await);
    let key = key(&one);
    assert!(one.out.contains(&format!("MASTER_KEY={key} ferrogw --config config.yaml")));
    assert!(!other.out.contains(&key));
}

#[tokio::test]
async fn a_name_that_would_be_read_otherwise_is_refused() {
    let scene = Scene::new();
    for typed in [
        &["init", "-o", "config.toml"][..],
        &["init", "-o", "config"],
        &["init", "-o", "config.json", "--config-format", "yaml"],
        &["init", "--output", "config.yml", "--config-format", "json"],
    ] {
        let told = scene.run(typed).await;
        assert_eq!(told.exit, Exit::Usage, "{typed:?}");
        assert!(!told.out.contains("fgw_"));
    }
    assert_eq!(fs::read_dir(scene.path("")).unwrap().count(), 0);
}

#[tokio::test]
async fn where_nothing_can_be_written_no_key_is_printed() {
    let scene = Scene::new();
    let told = scene.run(&["init", "-o", "absent/config.yaml"]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(told.err.contains("absent/config.yaml") && !told.out.contains("fgw_"), "{told:?}");
}
