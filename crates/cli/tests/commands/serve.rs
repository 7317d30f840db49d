//! The gateway as a command: what it says when it starts, and what keeps it from starting.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use ferro_cli::{Exit, run};
use ferro_scripted::{Shape, Upstream, refusal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use crate::scene::{DEADLINE, Heard, Scene, Told};

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
        let listens = format!("ferrogw {version} listens on ");
        let address: SocketAddr = lines[0].strip_prefix(&listens).unwrap().parse().unwrap();
        assert!(address.ip().is_unspecified(), "{address}");
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
    for words in ["LOG_FORMAT", "`prose`", scene.simplest().1, "ferrogw init"] {
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
        ("FERRO_MODEL_DISCOVERY_INTERVAL", "59s", "`59s`: it has to be 1m or longer"),
        ("FERRO_MODEL_DISCOVERY_INTERVAL", "0", "`0`: it has to be 1m or longer"),
        ("FERRO_MODEL_DISCOVERY_INTERVAL", "often", "a duration such as `30s`"),
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
async fn what_is_open_to_all_is_refused_in_production() {
    for (name, value) in [("ALLOW_UNAUTHENTICATED_PROXY", "true"), ("CORS_ORIGINS", "*")] {
        let mut scene = Scene::new();
        scene.set("PORT", "0").set("GATEWAY_ENV", "production").set(name, value);
        let told = scene.run(&[]).await;
        assert_eq!(told.exit, Exit::Failure);
        assert!(told.err.contains(name), "{}", told.err);
    }
}

#[tokio::test]
async fn variables_that_do_nothing_yet_are_named_at_start() {
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("CORS_ORIGINS", "*").set("RATE_LIMIT_RPS", "20");
    scene.set("TRUSTED_PROXIES", "10.0.0.0/8").set("REQUEST_LOG_STORE_DSN", SECRET);
    scene.set("RATE_LIMIT_BURST", "0").set("CONFIG_STORE_BACKEND", "memory");
    let (told, ()) = serving(&scene, &[], async |_, _| ()).await;
    assert_eq!(told.exit, Exit::Success);
    for name in ["CORS_ORIGINS", "RATE_LIMIT_RPS", "TRUSTED_PROXIES", "REQUEST_LOG_STORE_DSN"] {
        assert!(told.err.contains(&format!("`{name}` is not served yet")), "{}", told.err);
    }
    for absent in [SECRET, "RATE_LIMIT_BURST", "CONFIG_STORE_BACKEND"] {
        assert!(!told.err.contains(absent), "{absent}: {}", told.err);
    }
}

#[tokio::test]
async fn vendors_are_asked_for_their_models_without_anybody_asking_us() {
    let upstream = Upstream::start().await.unwrap();
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("OPENAI_API_KEY", SECRET);
    scene.set("OPENAI_BASE_URL", &upstream.base_url()).set("FERRO_MODEL_DISCOVERY_INTERVAL", "1h");
    let asked = async |_, _| {
        let listed = async {
            while !upstream.requests().iter().any(|request| request.path.ends_with("/models")) {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, listed).await.expect("it is asked in time");
    };
    let (told, ()) = serving(&scene, &[], asked).await;
    assert!(told.err.contains("vendors are asked for theirs every 3600s"), "{}", told.err);
}

#[tokio::test]
async fn whoever_is_told_twice_to_stop_does_not_wait() {
    let upstream = Upstream::start().await.unwrap();
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("GATEWAY_CONFIG", "c.yaml");
    let root = upstream.base_url();
    let target =
        format!("{{virtual_key: openai, base_url: '{root}', api_key: k, models: [stall-1]}}");
    scene.write("c.yaml", &format!("targets: [{target}]\n"));
    let (stop, stopped) = oneshot::channel::<()>();
    let (hurry, hurried) = oneshot::channel::<()>();
    let (mut surroundings, _, err) = scene.surroundings(Box::pin(async { drop(stopped.await) }));
    surroundings.hurry = Box::pin(async { drop(hurried.await) });
    let mut noted = err.clone();
    let during = async {
        let banner = noted.until("/v1 is").await;
        let port = banner.lines().next().unwrap().rsplit_once(':').unwrap().1.to_owned();
        let mut client = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
        let body =
            r#"{"model":"stall-1","stream":true,"messages":[{"role":"user","content":"h"}]}"#;
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        client.write_all(format!("{request}{body}").as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        drop(stop);
        // The listener is gone when the first word has been heard.
        while TcpStream::connect(format!("127.0.0.1:{port}")).await.is_ok() {
            tokio::task::yield_now().await;
        }
        drop(hurry);
        client
    };
    let registry = scene.registry.clone();
    let running = async { tokio::join!(run(["ferrogw"], registry, &mut surroundings), during) };
    let begun = Instant::now();
    let (exit, _client) = timeout(DEADLINE, running).await.expect("it ends");
    assert_eq!(exit, Exit::Failure);
    assert!(err.text().contains("told to stop twice"), "{}", err.text());
    assert!(begun.elapsed().as_secs() < 15, "the grace was not waited for");
}

#[tokio::test]
async fn it_listens_wherever_this_machine_can_be_reached() {
    let mut scene = Scene::new();
    scene.set("PORT", "0");
    let has_both = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let reached = async |url: String, _| {
        let port = url.rsplit_once(':').unwrap().1.parse().unwrap();
        let old = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok();
        (old, TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.is_ok())
    };
    let (_, reached) = serving(&scene, &[], reached).await;
    assert_eq!(reached, (true, has_both));
}

/// Sends one chat for this model, and returns the status line of the answer.
async fn asked(port: &str, model: &str) -> String {
    let body = format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"h"}}]}}"#);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut client = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_configuration_that_is_read_again_keeps_circuits_and_one_that_is_wrong_changes_nothing() {
    let busy = |_: &_| ferro_scripted::Script::from(refusal(503, Shape::OpenAi));
    let broken = Upstream::builder().answers(busy).start().await.unwrap();
    let well = Upstream::start().await.unwrap();
    let target = |name: &str, upstream: &Upstream| {
        let circuit = "circuit_breaker: {failure_threshold: 1, timeout: 1h}";
        let url = upstream.base_url();
        format!(
            "  - {{virtual_key: {name}, provider: openai, base_url: '{url}', api_key: k, \
             models: [scripted], {circuit}}}\n"
        )
    };
    let (broken_target, well_target) = (target("broken", &broken), target("well", &well));
    let mut scene = Scene::new();
    scene.set("PORT", "0").set("GATEWAY_CONFIG", "c.yaml");
    scene.write("c.yaml", &format!("targets:\n{broken_target}"));
    let (stop, stopped) = oneshot::channel::<()>();
    let (again, read_again) = mpsc::channel(1);
    let (mut surroundings, _, err) = scene.surroundings(Box::pin(async { drop(stopped.await) }));
    surroundings.again = Box::pin(futures_util::stream::unfold(read_again, async |mut heard| {
        heard.recv().await.map(|()| ((), heard))
    }));
    let mut noted = err.clone();
    let during = async {
        let banner = noted.until("/v1 is").await;
        let port = banner.lines().next().unwrap().rsplit_once(':').unwrap().1.to_owned();
        for _ in 0..3 {
            assert_eq!(asked(&port, "scripted").await, "HTTP/1.1 503 Service Unavailable");
        }
        assert_eq!(broken.requests().len(), 1, "its circuit is open");

        let mode = "strategy: {mode: fallback}\naliases: {fast: scripted}\n";
        scene.write(
            "c.yaml",
            &format!("{mode}colour: blue\ntargets:\n{broken_target}{well_target}"),
        );
        again.send(()).await.unwrap();
        let told = noted.until("read again: added well").await;
        assert!(told.contains("warning: unknown key `colour`"), "{told}");
        assert_eq!(asked(&port, "fast").await, "HTTP/1.1 200 OK");
        assert_eq!((broken.requests().len(), well.requests().len()), (1, 1), "it is still open");

        scene.write(
            "c.yaml",
            "strategy: {mode: roulette}\ntargets: [{virtual_key: openai, weight: -1}]\n",
        );
        again.send(()).await.unwrap();
        let told = noted.until("nothing changes").await;
        assert!(told.contains("error: unknown word `roulette`") && told.contains("-1 is no share"));
        assert_eq!(asked(&port, "fast").await, "HTTP/1.1 200 OK");
        drop(stop);
    };
    let registry = scene.registry.clone();
    let running = async { tokio::join!(run(["ferrogw"], registry, &mut surroundings), during) };
    let (exit, ()) = timeout(DEADLINE, running).await.expect("it ends");
    assert_eq!(exit, Exit::Success, "{}", err.text());
}
