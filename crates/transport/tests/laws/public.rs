//! The way to any public host. A proxy stands for the public internet here: it answers for any host.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use ferro_core::{BodyError, ErrorKind, Inflow, Payload, ProviderError, Transport};
use ferro_transport::{Connector, ConnectorBuilder, Proxies, Timeouts};
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use tokio::{net::TcpStream, sync::mpsc, task::JoinSet};

use crate::origin::{Listener, Names, Peer, get, message, piece, post, text};

const URL: &str = "http://media.test/cat.png?key=hunter2hunter2";

/// Leads to `internet`, whichever host is asked for.
fn through(internet: &Listener) -> ConnectorBuilder {
    through_host("127.0.0.1", internet)
}

fn through_host(host: &str, internet: &Listener) -> ConnectorBuilder {
    let url = format!("http://me:p%40ss@{host}:{}", internet.port());
    let vars = move |name: &str| (name == "ALL_PROXY").then(|| url.clone());
    Connector::builder().proxies(Proxies::from_vars(&vars).unwrap())
}

fn transport(internet: &Listener, timeouts: Timeouts) -> Arc<dyn Transport> {
    through(internet).build().transport(timeouts)
}

/// Asks a host that answers `bytes` and waits.
async fn asked(bytes: &str) -> (Result<Response<Inflow>, ProviderError>, Peer<TcpStream>) {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        peer.say(bytes).await;
        peer
    };
    tokio::join!(transport.send(get(URL)), script)
}

/// Asks a host that answers `bytes` and hangs up.
async fn told(bytes: &str) -> Result<Response<Inflow>, ProviderError> {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        peer.say(bytes).await;
        peer.shut().await;
    };
    tokio::join!(transport.send(get(URL)), script).0
}

/// Calls once over a new connection, and returns its other end.
async fn call(transport: &dyn Transport, internet: &Listener) -> Peer<TcpStream> {
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        peer.answer("first").await;
        peer
    };
    let (answer, peer) = tokio::join!(transport.send(get(URL)), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "first");
    peer
}

#[tokio::test]
async fn a_request_carries_its_url_its_headers_and_who_asks() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let script = async {
        let mut peer = internet.accept().await;
        let request = peer.request().await;
        peer.answer("").await;
        request
    };
    let mut call = post("http://you:w%C3%B6rd@media.test/a?b=c", "the body");
    call.headers_mut().insert("x-own", "1".parse().unwrap());
    call.headers_mut().insert("host", "elsewhere.test".parse().unwrap());
    let (answer, request) = tokio::join!(transport.send(call), script);
    answer.unwrap();
    assert!(request.starts_with("POST http://media.test/a?b=c HTTP/1.1\r\n"), "{request}");
    for header in [
        "host: media.test",
        "x-own: 1",
        "accept-encoding: identity",
        "content-length: 8",
        "authorization: Basic eW91OnfDtnJk",
        "proxy-authorization: Basic bWU6cEBzcw==",
        concat!("user-agent: ferrogw/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header}: {request}");
    }
    assert_eq!(request.matches("\r\nhost: ").count(), 1, "{request}");
    assert!(request.ends_with("\r\n\r\nthe body"), "{request}");
}

#[tokio::test]
async fn what_goes_wrong_in_an_answer_has_the_same_kinds_as_a_targets() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for cut in [half, &format!("{chunked}4\r\nhalf\r\n"), &format!("{chunked}zz\r\n")] {
        let message = message(text(told(cut).await.unwrap()).await, ErrorKind::Interrupted);
        assert!(message.starts_with("http://media.test broke off in the middle"), "{message}");
    }
    let message_of_silence = message(told("").await, ErrorKind::Transport);
    assert!(message_of_silence.contains("before it answered"), "{message_of_silence}");
    let odd = message(told("SSH-2.0-OpenSSH_9.6\r\n\r\n").await, ErrorKind::Malformed);
    assert!(odd.contains("not HTTP"), "{odd}");
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(65 << 10));
    message(told(&long).await, ErrorKind::Malformed);
    let many = "x-again: 1\r\n".repeat(200);
    message(told(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).await, ErrorKind::Malformed);
}

#[tokio::test]
async fn an_encoded_answer_is_malformed_and_closed() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-encoding:";
    let (answer, mut peer) = asked(&format!("{head} gzip\r\n\r\nabcd")).await;
    let message = message(answer, ErrorKind::Malformed);
    assert!(message.contains("content-encoding: gzip`"), "{message}");
    peer.gone().await;
    let answer = told(&format!("{head} identity\r\n\r\nabcd")).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "abcd");
}

#[tokio::test]
async fn no_error_holds_the_url_which_may_hold_a_key() {
    let mut errors = vec![told("").await.err().unwrap(), told("?\r\n\r\n").await.err().unwrap()];
    let cut = told("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    errors.extend(text(cut.unwrap()).await.err());
    let nowhere = Connector::builder().resolver(Names::all_at("10.0.0.1")).build();
    errors.extend(nowhere.transport(Timeouts::default()).send(get(URL)).await.err());
    assert_eq!(errors.len(), 4);
    for error in errors {
        let said = format!("{error} {error:?}");
        assert!(!said.contains("hunter2") && !said.contains("cat.png"), "{said}");
    }
}

#[tokio::test]
async fn dropping_a_call_or_its_answer_closes_its_socket() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let mut calls = JoinSet::new();
    let unanswered = Arc::clone(&transport);
    calls.spawn(async move { unanswered.send(get(URL)).await });
    let mut peer = internet.accept().await;
    peer.request().await;
    calls.abort_all();
    peer.gone().await;

    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (answer, mut peer) = asked(head).await;
    drop(answer.unwrap());
    peer.gone().await;
    let (answer, mut peer) = asked(&format!("{head}6\r\ndata: \r\n")).await;
    let mut body = answer.unwrap().into_body();
    assert_eq!(piece(&mut body).await, "data: ");
    drop(body);
    peer.gone().await;
}

#[tokio::test]
async fn connections_are_kept_for_the_next_request_and_go_with_their_transport() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let mut peer = call(&*transport, &internet).await;
    let script = async {
        peer.request().await;
        peer.answer("second").await;
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "second");
    assert!(internet.is_quiet().await);
    drop(transport);
    peer.gone().await;
}

#[tokio::test]
async fn no_more_connections_are_kept_than_were_asked_for() {
    let internet = Listener::bind().await;
    let connector = through(&internet).keep_idle(0, Duration::from_secs(60)).build();
    let transport = connector.transport(Timeouts::default());
    call(&*transport, &internet).await.gone().await;
    call(&*transport, &internet).await.gone().await;
}

#[tokio::test]
async fn a_request_that_a_stale_connection_never_took_is_sent_again_on_a_new_one() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    call(&*transport, &internet).await.shut().await;
    tokio::task::yield_now().await; // the runtime looks at its sockets, and learns of it
    let script = async {
        let mut peer = internet.accept().await;
        let request = peer.request().await;
        peer.answer("again").await;
        request
    };
    let (answer, request) = tokio::join!(transport.send(post(URL, "the body")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "again");
    assert!(request.ends_with("the body"), "{request}");
}

#[tokio::test]
async fn a_request_that_may_have_been_seen_is_not_sent_again() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let mut peer = call(&*transport, &internet).await;
    let script = async {
        peer.request().await;
        drop(peer);
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    message(answer, ErrorKind::Transport);
    assert!(internet.is_quiet().await, "nobody tried again");
}

/// A request whose body is what is sent.
fn upload() -> (mpsc::Sender<Result<Bytes, BodyError>>, Request<Payload>) {
    let (sender, mut pieces) = mpsc::channel(1);
    let body = stream::poll_fn(move |cx| pieces.poll_recv(cx)).boxed();
    (sender, Request::post(URL).body(Payload::Stream(body)).unwrap())
}

#[tokio::test]
async fn an_upload_is_passed_on_as_it_arrives() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
        let mut peer = internet.accept().await;
        let head = peer.request().await;
        assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
        let first = "3\r\none\r\n";
        let body = head.split_once("\r\n\r\n").unwrap().1.to_owned();
        let rest = peer.read(first.len() - body.len()).await;
        assert_eq!(body + &String::from_utf8(rest).unwrap(), first);
        pieces.send(Ok(Bytes::from_static(b"two"))).await.unwrap();
        assert_eq!(peer.read(8).await, b"3\r\ntwo\r\n");
        drop(pieces);
        assert_eq!(peer.read(5).await, b"0\r\n\r\n");
        peer.answer("taken").await;
    };
    let (answer, ()) = tokio::join!(transport.send(request), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "taken");
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_the_callers_failure() {
    let internet = Listener::bind().await;
    let transport = transport(&internet, Timeouts::default());
    let (pieces, request) = upload();
    let script = async {
        pieces.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
        pieces.send(Err(BodyError::TooSlow)).await.unwrap();
        let mut peer = internet.accept().await;
        peer.request().await;
        peer.gone().await;
    };
    let (answer, ()) = tokio::join!(transport.send(request), script);
    let message = message(answer, ErrorKind::Invalid);
    assert!(message.contains("the body did not arrive in time"), "{message}");
}

#[tokio::test]
async fn a_proxy_is_found_by_its_name_wherever_it_is_and_is_no_public_host() {
    let internet = Listener::bind().await;
    let names = Names::all_at("127.0.0.1");
    let connector = through_host("Proxy.test", &internet).resolver(names.clone()).build();
    let transport = connector.transport(Timeouts::default());
    call(&*transport, &internet).await;
    let asked = names.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].eq_ignore_ascii_case("proxy.test"), "media.test is the proxy's: {asked:?}");
    for url in ["http://proxy.test:1/", "https://PROXY.test/"] {
        let message = message(transport.send(get(url)).await, ErrorKind::Invalid);
        assert!(message.contains("is a proxy's host"), "{message}");
    }
    assert!(internet.is_quiet().await);
}

#[tokio::test]
async fn an_address_in_disguise_is_no_public_host() {
    let internet = Listener::bind().await;
    let direct = Connector::builder().resolver(Names::all_at("8.8.8.8")).build();
    for connector in [through(&internet).build(), direct] {
        let transport = connector.transport(Timeouts::default());
        // The last but one is a public address, and still none that is written as one.
        for host in
            ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.1.", "134744072", "[::7f00:1]"]
        {
            message(transport.send(get(&format!("http://{host}/"))).await, ErrorKind::Invalid);
        }
    }
    assert!(internet.is_quiet().await);
}

#[tokio::test]
async fn a_proxy_at_a_link_local_address_is_not_gone_through() {
    let address = Ipv4Addr::new(169, 254, 169, 254);
    let vars = move |name: &str| (name == "ALL_PROXY").then(|| format!("http://{address}"));
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap()).build();
    let answer = connector.transport(Timeouts::default()).send(get(URL)).await;
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("link-local"), "{message}");
}
