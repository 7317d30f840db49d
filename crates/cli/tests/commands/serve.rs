//! The gateway as a command: what it says when it starts, and what keeps it from starting.

use std::net::{Ipv4Addr, TcpListener};

use ferro_cli::{Exit, run};
use tokio::sync::oneshot;

use crate::scene::{Heard, Scene, Told};

const SECRET: &str = "sk-nobody-may-see-this";

/// Serves while `during` lasts, and returns how that ended.
pub(crate) async fn serving<T>(
    scene: &Scene,
    typed: &[&str],
    during: impl AsyncFnOnce(String, Heard) -> T,
) -> (Told, T) {
    let (halt, halted) = oneshot::channel::<()>();
    let stop = Box::pin(async { drop(halted.await) });
    let (mut surroundings, out, err) = scene.surroundings(stop);
    let typed = ["ferrogw"].iter().chain(typed).copied().map(str::to_owned);
    let mut listening = err.clone();
    let during = async {
        let banner = listening.until("/v1 is").await;
        let address = banner.split_once("listens on ").unwrap().1.lines().next().unwrap();
        let port = address.rsplit_once(':').unwrap().1;
        let result = during(format!("http://127.0.0.1:{port}"), listening).await;
        drop(halt);
        result
    };
    let (exit, result) =
        tokio::join!(run(typed, scene.registry.clone(), &mut surroundings), during);
    (Told { exit, out: out.text(), err: err.text() }, result)
}

#[tokio::test]
async fn it_says_what_it_is_and_stops_when_it_is_told_to() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("OPENAI_API_KEY", SECRET).set("MASTER_KEY", SECRET);
    scene.set("GROQ_API_KEY", SECRET).set("LOG_LEVEL", "WARN");
    for typed in [&["serve"][..], &[]] {
        let (told, ()) = serving(&scene, typed, async |_, _| ()).await;
        assert_eq!((told.exit, told.out.as_str()), (Exit::Success, ""));
        let lines: Vec<_> = told.err.lines().collect();
        let version = env!("CARGO_PKG_VERSION");
        assert!(lines[0].starts_with(&format!("ferrogw {version} listens on 0.0.0.0:")));
        assert_eq!(lines[1], "  targets: openai, groq");
        assert_eq!(lines[2], "  strategy: fallback");
        assert_eq!(lines[3], "  plugins: none");
        assert!(lines[4].starts_with("  log: warn and above, as json"), "{}", lines[4]);
        assert!(lines[5].contains("closed") && lines[5].contains("MASTER_KEY"), "{}", lines[5]);
        assert_eq!(lines.len(), 6, "{}", told.err);
        assert!(!told.err.contains(SECRET), "{}", told.err);
    }
}

#[tokio::test]
async fn what_it_doubts_is_listed_and_does_not_stop_it() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("LOG_FORMAT", "prose");
    let (told, _) =
        serving(&scene, &[], async |_, mut err: Heard| err.until("nobody to ask").await).await;
    assert_eq!(told.exit, Exit::Success);
    for words in ["LOG_FORMAT", "`prose`", "OPENAI_API_KEY", "ferrogw init"] {
        let warns = |line: &str| line.starts_with("warning:") && line.contains(words);
        assert!(told.err.lines().any(warns), "{words}: {}", told.err);
    }
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let taken = listener.local_addr().unwrap().port().to_string();
    for (name, value, words) in [
        ("PORT", "eighty", "PORT is `eighty`"),
        ("PORT", "65536", "PORT is `65536`"),
        ("PORT", &taken, "cannot be listened on"),
        ("GATEWAY_CONFIG", "absent.yaml", "absent.yaml"),
        ("GATEWAY_CONFIG", "odd.yaml", "roulette"),
    ] {
        let mut scene = Scene::new();
        scene.write("odd.yaml", "strategy: {mode: roulette}\n");
        scene.set("PORT", "0").set(name, value);
        let told = scene.run(&["serve"]).await;
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failure, ""), "{name}={value}");
        assert!(told.err.contains(words), "{name}={value}: {}", told.err);
    }
}

#[tokio::test]
async fn an_open_gateway_is_refused_in_production() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("GATEWAY_ENV", "production");
    scene.set("ALLOW_UNAUTHENTICATED_PROXY", "true");
    let told = scene.run(&[]).await;
    assert_eq!(told.exit, Exit::Failure);
    assert!(told.err.contains("ALLOW_UNAUTHENTICATED_PROXY"), "{}", told.err);
}
