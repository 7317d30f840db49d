//! The way out past a proxy.

use ferro_core::ErrorKind;
use ferro_transport::{Connector, ConnectorBuilder, Proxies, Timeouts};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::TcpStream,
};

use crate::origin::{
    AUTHORITY, Listener, Names, Peer, acceptor, get, message, text, upstream, within,
};

pub(crate) fn through(variable: &'static str, proxy: String) -> ConnectorBuilder {
    let vars = move |name: &str| (name == variable).then(|| proxy.clone());
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap());
    connector.roots(AUTHORITY).unwrap()
}

/// Goes on as the origin `origin.test` behind a proxy that has joined the two.
pub(crate) async fn answer_over_tls<S: AsyncRead + AsyncWrite + Unpin>(peer: Peer<S>) {
    let stream = within(acceptor(&["http/1.1"]).accept(peer.stream)).await.unwrap();
    let mut peer = Peer { stream };
    let request = peer.request().await;
    assert!(request.starts_with("GET /v1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: origin.test:8443\r\n"), "{request}");
    assert!(!request.contains("proxy-authorization"), "that is the proxy's: {request}");
    peer.answer("from behind").await;
}

#[tokio::test]
async fn an_https_origin_is_reached_by_connect_with_the_proxys_login() {
    let proxy = Listener::bind().await;
    let url = format!("http://me:p%40ss@127.0.0.1:{}", proxy.port());
    let connector = through("HTTPS_PROXY", url).build();
    let upstream = upstream(&connector, "https://origin.test:8443", Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        let asked = peer.request().await;
        assert!(asked.starts_with("CONNECT origin.test:8443 HTTP/1.1\r\n"), "{asked}");
        assert!(
            asked.to_lowercase().contains("proxy-authorization: basic bwu6cebzcw=="),
            "{asked}"
        );
        peer.say("HTTP/1.1 200 Connection established\r\n\r\n").await;
        answer_over_tls(peer).await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
}

#[tokio::test]
async fn a_proxy_may_itself_be_spoken_to_over_tls() {
    let proxy = Listener::bind().await;
    let connector = through("https_proxy", format!("https://127.0.0.1:{}", proxy.port())).build();
    let upstream = upstream(&connector, "https://origin.test:8443", Timeouts::default());
    let script = async {
        let mut peer = proxy.accept_tls(&["h2", "http/1.1"]).await;
        assert_eq!(peer.stream.get_ref().1.alpn_protocol(), None, "a proxy is asked in HTTP/1.1");
        assert!(peer.request().await.starts_with("CONNECT origin.test:8443 HTTP/1.1\r\n"));
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        answer_over_tls(peer).await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
}

#[tokio::test]
async fn an_http_origin_is_asked_for_by_its_whole_address() {
    let proxy = Listener::bind().await;
    let connector = through("http_proxy", format!("http://me:word@127.0.0.1:{}", proxy.port()));
    let upstream = upstream(&connector.build(), "http://origin.test", Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        for path in ["/a", "/b?c=d"] {
            let asked = peer.request().await;
            let line = format!("GET http://origin.test{path} HTTP/1.1\r\n");
            assert!(asked.starts_with(&line), "{asked}");
            let login = "\r\nproxy-authorization: Basic bWU6d29yZA==\r\n";
            for header in ["\r\nhost: origin.test\r\n", login] {
                assert!(asked.contains(header), "{header}: {asked}");
            }
            peer.answer(path).await;
        }
    };
    let calls = async {
        for path in ["/a", "/b?c=d"] {
            let answer = upstream.send(get(path)).await.unwrap();
            assert_eq!(text(answer).await.unwrap(), path);
        }
    };
    tokio::join!(calls, script);
}

#[tokio::test]
async fn what_no_proxy_lists_is_reached_without_one() {
    let (origin, proxy) = (Listener::bind().await, Listener::bind().await);
    let address = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| match name {
        "ALL_PROXY" => Some(address.clone()),
        "no_proxy" => Some("other.example, .test".to_owned()),
        _ => None,
    };
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap());
    let connector = connector.resolver(Names::all_at("127.0.0.1")).build();
    let url = format!("http://near.test:{}", origin.port());
    let upstream = upstream(&connector, &url, Timeouts::default());
    let script = async {
        let mut peer = origin.accept().await;
        assert!(peer.request().await.starts_with("GET /v1 HTTP/1.1\r\n"));
        peer.answer("near").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "near");
    assert!(proxy.is_quiet().await);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_its_password_is_not() {
    let proxy = Listener::bind().await;
    let url = format!("http://me:hunter2@127.0.0.1:{}", proxy.port());
    let connector = through("ALL_PROXY", url).build();
    let upstream = upstream(&connector, "https://origin.test", Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
    let error = answer.err().unwrap();
    assert!(!format!("{error:?} {connector:?}").contains("hunter2"), "{error:?} {connector:?}");
    let message = message::<()>(Err(error), ErrorKind::Transport);
    let named = format!("through the proxy http://127.0.0.1:{}", proxy.port());
    assert!(message.contains(&named) && message.contains("authorization required"), "{message}");
}

/// Plays a SOCKS5 proxy up to the request's address, and returns that.
pub(crate) async fn socks(peer: &mut Peer<TcpStream>) -> (u8, Vec<u8>) {
    assert_eq!(peer.read(3).await, [5, 1, 2], "version 5, one method: name and password");
    peer.say([5, 2]).await;
    assert_eq!(peer.read(10).await, *b"\x01\x02me\x05pword");
    peer.say([1, 0]).await;
    let head = peer.read(4).await;
    assert_eq!(head[..3], [5, 1, 0], "connect");
    let length = match head[3] {
        1 => 4,
        3 => usize::from(peer.stream.read_u8().await.unwrap()),
        other => panic!("an address of kind {other}"),
    };
    let address = peer.read(length).await;
    assert_eq!(peer.read(2).await, 8443_u16.to_be_bytes());
    peer.say([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    (head[3], address)
}

#[tokio::test]
async fn socks5h_leaves_names_to_the_proxy_and_socks5_does_not() {
    let proxy = Listener::bind().await;
    for (scheme, expected) in
        [("socks5h", (3, &b"origin.test"[..])), ("socks5", (1, &[127, 0, 0, 9]))]
    {
        let names = Names::all_at("127.0.0.9");
        let connector =
            through("ALL_PROXY", format!("{scheme}://me:pword@127.0.0.1:{}", proxy.port()));
        let connector = connector.resolver(names.clone()).build();
        let upstream = upstream(&connector, "https://origin.test:8443", Timeouts::default());
        let script = async {
            let mut peer = proxy.accept().await;
            let (kind, address) = socks(&mut peer).await;
            assert_eq!((kind, &*address), expected, "{scheme}");
            answer_over_tls(peer).await;
        };
        let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
        assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
        let asked = names.asked.lock().unwrap().clone();
        assert_eq!(asked.is_empty(), scheme == "socks5h", "{asked:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_refused_is_refused_behind_a_proxy_too() {
    let proxy = Listener::bind().await;
    let connector = through("ALL_PROXY", format!("http://127.0.0.1:{}", proxy.port())).build();
    for url in ["http://169.254.169.254/", "https://2852039166/"] {
        let answer = upstream(&connector, url, Timeouts::default()).send(get("/")).await;
        message(answer, ErrorKind::Transport);
    }
    let transport = connector.transport(Timeouts::default());
    for url in ["http://10.0.0.1/", "https://[fd00::1]/"] {
        message(transport.send(get(url)).await, ErrorKind::Invalid);
    }
    assert!(proxy.is_quiet().await);
}

#[tokio::test]
async fn a_proxy_that_is_silent_is_a_connect_timeout() {
    let proxy = Listener::bind().await;
    let connector = through("ALL_PROXY", format!("http://127.0.0.1:{}", proxy.port())).build();
    let upstream = upstream(&connector, "https://origin.test", Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        tokio::time::pause();
        peer
    };
    let (answer, mut peer) = tokio::join!(upstream.send(get("/")), script);
    tokio::time::resume();
    assert!(message(answer, ErrorKind::ConnectTimeout).starts_with("connect timeout: "));
    peer.gone().await;
}
