//! Whom TLS trusts, and what is spoken over it.

use ferro_core::ErrorKind;
use ferro_transport::{Connector, Timeouts};

use crate::origin::{AUTHORITY, Listener, Names, get, message, text, trusting, upstream};

#[tokio::test]
async fn a_private_authority_is_trusted_once_its_certificate_is_given() {
    let listener = Listener::bind().await;
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}", listener.port());
        let upstream = upstream(&trusting(), &url, Timeouts::default());
        let script = async {
            let mut peer = listener.accept_tls(&[]).await;
            assert!(peer.request().await.starts_with("GET /v1 HTTP/1.1\r\n"));
            peer.answer("secret").await;
        };
        let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
        assert_eq!(text(answer.unwrap()).await.unwrap(), "secret");
    }
}

#[tokio::test]
async fn an_origin_that_offers_http_1_alone_is_spoken_to_in_it() {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(&trusting(), &url, Timeouts::default());
    let script = async {
        let mut peers = Vec::new();
        for _ in 0..4 {
            let mut peer = listener.accept_tls(&["http/1.1"]).await;
            peer.request().await;
            peers.push(peer);
        }
        for peer in &mut peers {
            peer.answer("old").await;
        }
    };
    let send = || async { text(upstream.send(get("/")).await.unwrap()).await.unwrap() };
    let (a, b, c, d, ()) = tokio::join!(send(), send(), send(), send(), script);
    assert_eq!([a, b, c, d], ["old"; 4], "four at a time, each on its own connection");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_the_error_says_what_to_do() {
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    // Any root will do but the one that signed: without one, a system that trusts nobody fails
    // earlier.
    let stranger = include_bytes!("certificates/stranger.pem");
    let connector = Connector::builder().roots(stranger).unwrap().build();
    let upstream = upstream(&connector, &url, Timeouts::default());
    let refused = listener.refuse_tls();
    let (answer, ()) = tokio::join!(upstream.send(get("/")), refused);
    let message = message(answer, ErrorKind::Transport);
    assert!(message.starts_with(&format!("{url} cannot be reached: ")), "{message}");
    for words in ["localhost is signed by no authority that is trusted", "connector's roots"] {
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let listener = Listener::bind().await;
    let url = format!("https://other.test:{}", listener.port());
    let connector = Connector::builder().roots(AUTHORITY).unwrap();
    let connector = connector.resolver(Names::all_at("127.0.0.1")).build();
    let upstream = upstream(&connector, &url, Timeouts::default());
    let (answer, ()) = tokio::join!(upstream.send(get("/")), listener.refuse_tls());
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("not valid for name"), "{message}");
}

#[test]
fn roots_that_are_none_are_refused() {
    let error = Connector::builder().roots(b"not a certificate").unwrap_err().to_string();
    assert!(error.contains("BEGIN CERTIFICATE"), "{error}");
    let cut = &AUTHORITY[..AUTHORITY.len() / 2];
    assert!(Connector::builder().roots(cut).is_err());
}
