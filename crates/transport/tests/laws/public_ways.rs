//! The way to a public host past a proxy, over TLS, and within its limits.

use std::{sync::Arc, time::Duration};

use ferro_core::{ErrorKind, Transport};
use ferro_transport::{Connector, Proxies, Timeouts};
use futures_util::StreamExt;
use tokio::time::{Instant, advance, pause, resume};

use crate::{
    multiplexed::{Served, whole},
    origin::{Listener, Names, Peer, acceptor, get, message, piece, text, within},
    proxies::{answer_over_tls, socks, through},
};

const URL: &str = "https://origin.test:8443/v1";

fn transport(proxy: String) -> Arc<dyn Transport> {
    through("ALL_PROXY", proxy).build().transport(Timeouts::default())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn an_https_host_is_reached_by_connect_with_the_proxys_login() {
    let proxy = Listener::bind().await;
    let transport = transport(format!("http://me:p%40ss@127.0.0.1:{}", proxy.port()));
    let script = async {
        let mut peer = proxy.accept().await;
        let asked = peer.request().await;
        assert!(asked.starts_with("CONNECT origin.test:8443 HTTP/1.1\r\n"), "{asked}");
        let login = "proxy-authorization: basic bwu6cebzcw==";
        assert!(asked.to_lowercase().contains(login), "{asked}");
        peer.say("HTTP/1.1 200 Connection established\r\n\r\n").await;
        answer_over_tls(peer).await;
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
}

#[tokio::test]
async fn a_proxy_may_itself_be_spoken_to_over_tls() {
    let proxy = Listener::bind().await;
    let transport = transport(format!("https://127.0.0.1:{}", proxy.port()));
    let script = async {
        let mut peer = proxy.accept_tls(&["h2", "http/1.1"]).await;
        assert_eq!(peer.stream.get_ref().1.alpn_protocol(), None, "a proxy is asked in HTTP/1.1");
        assert!(peer.request().await.starts_with("CONNECT origin.test:8443 HTTP/1.1\r\n"));
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        answer_over_tls(peer).await;
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
}

#[tokio::test]
async fn socks5h_leaves_names_to_the_proxy_and_socks5_checks_them_here() {
    let proxy = Listener::bind().await;
    for (scheme, expected) in
        [("socks5h", (3, &b"origin.test"[..])), ("socks5", (1, &[8, 8, 8, 8]))]
    {
        let names = Names::all_at("8.8.8.8");
        let url = format!("{scheme}://me:pword@127.0.0.1:{}", proxy.port());
        let connector = through("ALL_PROXY", url).resolver(names.clone()).build();
        let transport = connector.transport(Timeouts::default());
        let script = async {
            let mut peer = proxy.accept().await;
            let (kind, address) = socks(&mut peer).await;
            assert_eq!((kind, &*address), expected, "{scheme}");
            answer_over_tls(peer).await;
        };
        let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
        assert_eq!(text(answer.unwrap()).await.unwrap(), "from behind");
        let asked = names.asked.lock().unwrap().clone();
        assert_eq!(asked.is_empty(), scheme == "socks5h", "{asked:?}");
    }
    let url = format!("socks5://127.0.0.1:{}", proxy.port());
    let connector = through("ALL_PROXY", url).resolver(Names::all_at("10.0.0.1")).build();
    let answer = connector.transport(Timeouts::default()).send(get(URL)).await;
    assert!(message(answer, ErrorKind::Invalid).contains("10.0.0.1 is not a public address"));
    assert!(proxy.is_quiet().await);
}

#[tokio::test]
async fn what_no_proxy_lists_is_checked_here() {
    let proxy = Listener::bind().await;
    let address = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| match name {
        "ALL_PROXY" => Some(address.clone()),
        "no_proxy" => Some(".test".to_owned()),
        _ => None,
    };
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap());
    let connector = connector.resolver(Names::all_at("127.0.0.1")).build();
    let answer = connector.transport(Timeouts::default()).send(get(URL)).await;
    let message = message(answer, ErrorKind::Invalid);
    assert!(message.contains("127.0.0.1 is not a public address"), "{message}");
    assert!(proxy.is_quiet().await);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_its_password_is_not() {
    let proxy = Listener::bind().await;
    let transport = transport(format!("http://me:hunter2@127.0.0.1:{}", proxy.port()));
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    let error = answer.err().unwrap();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    let message = message::<()>(Err(error), ErrorKind::Transport);
    let named = format!("through the proxy http://127.0.0.1:{}: ", proxy.port());
    assert!(message.contains(&named) && message.contains("authorization required"), "{message}");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_the_error_says_what_to_do() {
    let proxy = Listener::bind().await;
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| (name == "ALL_PROXY").then(|| url.clone());
    let stranger = include_bytes!("certificates/stranger.pem");
    let connector = Connector::builder().roots(stranger).unwrap();
    let connector = connector.proxies(Proxies::from_vars(&vars).unwrap()).build();
    let transport = connector.transport(Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        assert!(within(acceptor(&[]).accept(peer.stream)).await.is_err());
    };
    let (answer, ()) = tokio::join!(transport.send(get(URL)), script);
    let message = message(answer, ErrorKind::Transport);
    for words in ["signed by no authority that is trusted", "connector's roots"] {
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_dropping_resets_a_stream() {
    let proxy = Listener::bind().await;
    let transport = transport(format!("http://127.0.0.1:{}", proxy.port()));
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        let stream = within(acceptor(&["h2", "http/1.1"]).accept(peer.stream)).await.unwrap();
        let mut served = Served::new(Peer { stream }, 100);
        served.next().await.reply.send(whole("in two")).unwrap();
        served
    };
    let (answer, mut served) = tokio::join!(transport.send(get(URL)), script);
    let answer = answer.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    assert_eq!(text(answer).await.unwrap(), "in two");
    let (next, asked) = tokio::join!(
        async {
            let call = transport.send(get(URL));
            tokio::time::timeout(Duration::from_millis(200), call).await
        },
        served.next()
    );
    assert!(next.is_err(), "nobody answered");
    let mut reply = asked.reply;
    tokio::time::timeout(crate::origin::SOON, reply.closed()).await.expect("the stream is open");
    assert!(proxy.is_quiet().await, "one connection for both");
}

#[tokio::test]
async fn a_proxy_that_is_silent_is_a_connect_timeout() {
    let proxy = Listener::bind().await;
    let transport = transport(format!("http://127.0.0.1:{}", proxy.port()));
    let script = async {
        let mut peer = proxy.accept().await;
        peer.request().await;
        pause();
        peer
    };
    let (answer, mut peer) = tokio::join!(transport.send(get(URL)), script);
    resume();
    let message = message(answer, ErrorKind::ConnectTimeout);
    assert!(message.starts_with("connect timeout: ") && message.contains("10s"), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_a_first_byte_timeout() {
    let internet = Listener::bind().await;
    let transport = transport(format!("http://127.0.0.1:{}", internet.port()));
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        pause();
        (peer, Instant::now())
    };
    let call = transport.send(get("http://media.test/"));
    let (answer, (mut peer, started)) = tokio::join!(call, script);
    let elapsed = started.elapsed();
    resume();
    assert!((seconds(600)..seconds(612)).contains(&elapsed), "{elapsed:?}");
    let message = message(answer, ErrorKind::Timeout);
    assert!(message.starts_with("first-byte timeout: ") && message.contains("600s"), "{message}");
    peer.gone().await;
}

#[tokio::test]
async fn silence_and_lateness_in_an_answer_are_timeouts() {
    let total = Timeouts { total: Some(seconds(60)), ..Timeouts::default() };
    let cases = [
        (Timeouts::default(), ErrorKind::IdleTimeout, "idle timeout: "),
        (total, ErrorKind::TotalTimeout, "total timeout: "),
    ];
    for (timeouts, kind, words) in cases {
        let internet = Listener::bind().await;
        let connector = through("ALL_PROXY", format!("http://127.0.0.1:{}", internet.port()));
        let transport = connector.build().transport(timeouts);
        let script = async {
            let mut peer = internet.accept().await;
            peer.request().await;
            peer.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n").await;
            peer
        };
        let call = transport.send(get("http://media.test/"));
        let (answer, mut peer) = tokio::join!(call, script);
        let mut body = answer.unwrap().into_body();
        assert_eq!(piece(&mut body).await, "a");
        pause();
        advance(seconds(50)).await;
        resume();
        peer.say("1\r\nb\r\n").await;
        assert_eq!(piece(&mut body).await, "b");
        pause();
        let failed = body.next().await.unwrap();
        resume();
        let message = message(failed, kind);
        assert!(message.starts_with(words), "{message}");
        peer.gone().await;
        assert!(body.next().await.is_none(), "an error is the end");
    }
}

#[tokio::test]
async fn the_total_time_counts_from_the_call() {
    let internet = Listener::bind().await;
    let connector = through("ALL_PROXY", format!("http://127.0.0.1:{}", internet.port()));
    let timeouts = Timeouts { total: Some(seconds(60)), ..Timeouts::default() };
    let transport = connector.build().transport(timeouts);
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        pause();
        peer
    };
    let (answer, mut peer) = tokio::join!(transport.send(get("http://media.test/")), script);
    resume();
    assert!(message(answer, ErrorKind::TotalTimeout).starts_with("total timeout: "));
    peer.gone().await;
}

/// Runs itself again with a proxy in the environment, since a process must not change its own.
#[tokio::test]
async fn the_environment_is_never_read() {
    const HERE: &str = "FERRO_TRANSPORT_LAW_PROXIED";
    if std::env::var_os(HERE).is_some() {
        let connector = Connector::builder().resolver(Names::all_at("10.0.0.1")).build();
        for url in ["http://media.test/", "https://media.test/"] {
            let answer = connector.transport(Timeouts::default()).send(get(url)).await;
            let message = message(answer, ErrorKind::Invalid);
            assert!(message.contains("10.0.0.1 is not a public address"), "{message}");
        }
        return;
    }
    let proxy = Listener::bind().await;
    let mut again = tokio::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "public_ways::the_environment_is_never_read"]).env(HERE, "1");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        again.env(name, format!("http://127.0.0.1:{}", proxy.port()));
    }
    let output = within(again.kill_on_drop(true).output());
    let (output, is_quiet) = tokio::join!(output, proxy.is_quiet());
    let said = String::from_utf8_lossy(&output.as_ref().unwrap().stdout).into_owned();
    assert!(output.unwrap().status.success() && said.contains("1 passed"), "{said}");
    assert!(is_quiet && proxy.is_quiet().await, "nobody went through the proxy");
}
