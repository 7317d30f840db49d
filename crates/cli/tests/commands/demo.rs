//! The first thing that a newcomer runs.

use std::net::{Ipv4Addr, TcpListener};

use ferro_cli::{Exit, run};
use ferro_scripted::{STREAM_TEXT, WHOLE_TEXT};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
};

use crate::scene::Scene;

/// A scene with a port of its own: nothing is asked of 8080.
fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.set("PORT", "0");
    scene
}

/// The address that the curl line names, and the body that it sends.
fn curl(out: &str) -> (String, String) {
    let line = out.lines().find_map(|line| line.trim().strip_prefix("curl http://")).unwrap();
    let (address, rest) = line.split_once("/v1/chat/completions ").unwrap();
    let body = rest.split_once("-d '").unwrap().1.strip_suffix('\'').unwrap();
    assert!(rest.starts_with("-H 'Content-Type: application/json'"), "{line}");
    (address.to_owned(), body.to_owned())
}

#[tokio::test]
async fn without_a_terminal_it_exits_when_both_answers_were_exact() {
    let mut scene = scene();
    // What is set for real traffic has no say, and is not seen.
    scene.set("OPENAI_API_KEY", "sk-nobody-may-see-this");
    scene.set("OPENAI_BASE_URL", "http://127.0.0.1:1").set("GATEWAY_CONFIG", "absent.yaml");
    let told = scene.run(&["demo"]).await;
    assert_eq!((told.exit, told.err.as_str()), (Exit::Success, ""), "{told:?}");
    let said = [WHOLE_TEXT.to_owned(), STREAM_TEXT.concat()];
    assert!(said.iter().all(|text| told.out.contains(text)), "{}", told.out);
    assert_eq!(told.out.matches("✓").count(), 2, "{}", told.out);
    assert!(told.out.contains(r#","provider":"scripted"}"#), "{}", told.out);
    assert!(told.out.contains("< [DONE]"), "{}", told.out);
    // How long it took is the machine's matter; that it is a number is ours.
    let timed = |line: &&str| {
        let took = line.split_once("the gateway itself took ").map(|(_, rest)| rest);
        let took = took.and_then(|rest| rest.strip_suffix(" ms")?.parse::<f64>().ok());
        line.contains("< 200 in ") && took.is_some()
    };
    assert_eq!(told.out.lines().filter(timed).count(), 2, "{}", told.out);
    curl(&told.out);
    assert!(!told.out.contains("sk-nobody"));
}

#[tokio::test]
async fn in_a_terminal_it_serves_until_it_is_told_to_stop_and_the_curl_line_works() {
    let mut scene = scene();
    scene.terminals.input = true;
    let (halt, halted) = oneshot::channel::<()>();
    let (mut surroundings, out, _) = scene.surroundings(Box::pin(async { drop(halted.await) }));
    let mut waiting = out.clone();
    let ask = async {
        let (address, body) = curl(&waiting.until("With a key of your own").await);
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        drop(halt);
        answer
    };
    let running = run(["ferrogw", "demo"], scene.registry.clone(), &mut surroundings);
    let (exit, answer) = tokio::join!(running, ask);
    assert_eq!(exit, Exit::Success);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(WHOLE_TEXT), "{answer}");
}

#[tokio::test]
async fn once_is_once_in_a_terminal_too() {
    let mut scene = scene();
    scene.terminals.input = true;
    assert_eq!(scene.run(&["demo", "--once"]).await.exit, Exit::Success);
}

#[tokio::test]
async fn a_port_that_is_taken_is_left_to_whoever_has_it() {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let mut scene = scene();
    scene.set("PORT", &port.to_string());
    let told = scene.run(&["demo", "--once"]).await;
    assert_eq!(told.exit, Exit::Success, "{told:?}");
    assert!(!curl(&told.out).0.ends_with(&format!(":{port}")), "{}", told.out);
}

#[tokio::test]
async fn it_does_not_claim_answers_that_it_was_stopped_before() {
    let scene = scene();
    let (mut surroundings, out, err) = scene.surroundings(Box::pin(std::future::ready(())));
    let exit = run(["ferrogw", "demo", "--once"], scene.registry.clone(), &mut surroundings).await;
    assert_eq!(exit, Exit::Failure);
    assert!(err.text().contains("stopped") && !out.text().contains("curl"), "{}", out.text());
}
