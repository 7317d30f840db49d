//! What can be typed, and what is refused.

use std::io::{self, Write};

use ferro_cli::{Exit, run};

use crate::scene::Scene;

const CONFIG: &str = "targets: [{virtual_key: openai, api_key: sk-of-the-file}]\n";

#[tokio::test]
async fn the_file_is_found_however_it_is_named() {
    let mut scene = Scene::new();
    scene.write("named.yaml", CONFIG);
    let absolute = scene.path("named.yaml").display().to_string();
    for typed in [
        vec!["validate", "named.yaml"],
        vec!["validate", &absolute],
        vec!["validate", "--config", "named.yaml"],
        vec!["validate", "--config=named.yaml"],
        vec!["validate", "-config", "named.yaml"],
        vec!["validate", "-config=named.yaml"],
        vec!["-config=named.yaml", "validate"],
        vec!["--config", "named.yaml", "validate"],
    ] {
        let told = scene.run(&typed).await;
        assert_eq!(told.exit, Exit::Success, "{typed:?}: {}", told.err);
        assert!(told.out.contains("Config is valid"), "{typed:?}: {}", told.out);
    }
    scene.set("GATEWAY_CONFIG", "named.yaml");
    assert_eq!(scene.run(&["validate"]).await.exit, Exit::Success);
    // What is typed goes before what the environment says.
    scene.set("GATEWAY_CONFIG", "absent.yaml");
    assert_eq!(scene.run(&["validate"]).await.exit, Exit::Failure);
    assert_eq!(scene.run(&["validate", "-config", "named.yaml"]).await.exit, Exit::Success);
}

#[tokio::test]
async fn what_nobody_understands_is_a_usage_error() {
    let scene = Scene::new();
    for typed in [
        &["dance"][..],
        &["serve", "stray"],
        &["version", "stray"],
        &["init", "stray"],
        &["doctor", "stray"],
        &["validate", "a.yaml", "stray"],
        &["version", "--format", "xml"],
        &["validate"],
        &["validate", "a.yaml", "--config", "b.yaml"],
    ] {
        let told = scene.run(typed).await;
        assert_eq!(told.exit, Exit::Usage, "{typed:?}");
        assert!(told.out.is_empty() && !told.err.is_empty(), "{typed:?}: {told:?}");
    }
}

#[tokio::test]
async fn an_option_that_would_do_nothing_is_refused() {
    let scene = Scene::new();
    for (typed, option) in [
        (&["serve", "--format", "json"][..], "--format"),
        (&["--format", "json"], "--format"),
        (&["demo", "--once", "--format", "json"], "--format"),
        (&["demo", "--once", "--config", "a.yaml"], "--config"),
        (&["init", "--format", "yaml"], "--format"),
        (&["init", "--strict"], "--strict"),
        (&["version", "--config", "a.yaml"], "--config"),
        (&["providers", "--strict"], "--strict"),
    ] {
        let told = scene.run(typed).await;
        assert_eq!(told.exit, Exit::Usage, "{typed:?}");
        assert!(told.err.contains(option), "{typed:?}: {}", told.err);
    }
}

#[tokio::test]
async fn help_is_a_result_and_names_every_command() {
    let told = Scene::new().run(&["--help"]).await;
    assert_eq!((told.exit, told.err.as_str()), (Exit::Success, ""));
    for command in ["serve", "demo", "init", "validate", "doctor", "providers", "version"] {
        assert!(told.out.contains(&format!("  {command} ")), "{command}: {}", told.out);
    }
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let mut scene = Scene::new();
    scene.write("a.yaml", CONFIG);
    let typed = ["validate", "a.yaml"];
    assert!(!scene.run(&typed).await.out.contains('\x1b'));
    scene.terminals.output = true;
    assert!(scene.run(&typed).await.out.contains('\x1b'));
    assert!(!scene.run(&["validate", "a.yaml", "--no-color"]).await.out.contains('\x1b'));
    scene.set("NO_COLOR", "1");
    assert!(!scene.run(&typed).await.out.contains('\x1b'));
}

/// Takes nothing.
struct Deaf(io::ErrorKind);

impl Write for Deaf {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[tokio::test]
async fn whoever_stops_reading_ends_a_command_in_silence_and_a_full_disk_does_not() {
    for (kind, is_silent) in
        [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)]
    {
        let scene = Scene::new();
        let (mut surroundings, _, err) = scene.surroundings(Box::pin(std::future::pending()));
        surroundings.out = Box::new(Deaf(kind));
        let typed = ["ferrogw", "providers"];
        let exit = run(typed, scene.registry.clone(), &mut surroundings).await;
        assert_eq!(exit, Exit::Failure, "{kind}");
        assert_eq!(err.text().is_empty(), is_silent, "{kind}: {}", err.text());
    }
}
