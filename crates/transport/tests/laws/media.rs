//! Media by URL: what is fetched, and all that is not.
//!
//! The way is the operator's, so that hosts on this machine can be asked; that the way of media leads
//! to public addresses only is tried with names that lead elsewhere.

use std::{sync::Arc, time::Duration};

use ferro_core::{ErrorKind, FetchPolicy, Media, Need, ProviderError, Transport};
use ferro_transport::{Connector, Proxies, Timeouts};
use tokio::time::{Instant, pause, resume};

use crate::origin::{Listener, Names, message};

const PNG: &str = "\u{89}PNG"; // not the bytes: only for the length of announcements
const FIELD: &str = "messages[0].content[1].image_url.url";

fn png() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 100]].concat()
}

fn policy() -> FetchPolicy {
    FetchPolicy::default()
}

/// The way to hosts of this machine, all of whose names are here.
fn here() -> Arc<dyn Transport> {
    let connector = Connector::builder().resolver(Names::all_at("127.0.0.1")).build();
    connector.operators_transport(Timeouts::default())
}

fn fetched(
    policy: &FetchPolicy,
    urls: &[&str],
) -> impl Future<Output = Result<Media, ProviderError>> + use<> {
    let needs: Vec<_> = urls.iter().map(|url| Need::new(*url, FIELD)).collect();
    let policy = policy.clone();
    async move { policy.fetch(&*here(), &needs).await }
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What is said where a host answers with these bytes, and hangs up.
async fn refused(policy: &FetchPolicy, bytes: &[u8]) -> String {
    let listener = Listener::bind().await;
    let url = format!("http://media.test:{}/x.png?signature=hunter2", listener.port());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say(bytes).await;
        peer.shut().await;
    };
    let (media, ()) = tokio::join!(fetched(policy, &[&url]), script);
    said(media)
}

/// The words of a failure, which name the field and no key.
fn said(media: Result<Media, ProviderError>) -> String {
    if let Err(error) = &media {
        assert_eq!(error.field(), Some(FIELD));
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let message = message(media, ErrorKind::Invalid);
    assert!(message.starts_with(&format!("{FIELD}: `http")), "{message}");
    message
}

#[tokio::test]
async fn what_is_fetched_is_known_by_its_bytes_and_each_url_is_asked_once() {
    let listener = Listener::bind().await;
    let url = format!("http://media.test:{}/x.jpg?a=b#c", listener.port());
    let script = async {
        let mut peer = listener.accept().await;
        let request = peer.request().await;
        assert!(request.starts_with("GET /x.jpg?a=b HTTP/1.1\r\n"), "{request}");
        assert!(!request.to_lowercase().contains("authorization"), "{request}");
        peer.say(answer("content-type: image/jpeg\r\n", &png())).await;
    };
    let (media, ()) = tokio::join!(fetched(&policy(), &[&url, &url, &url]), script);
    let media = media.unwrap();
    let found = media.at(&url).unwrap();
    assert_eq!((&*found.media_type, &*found.bytes), ("image/png", &*png()));
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn a_document_in_plain_text_is_what_its_host_says_and_a_page_is_none() {
    for (kind, is_taken) in
        [("text/csv; charset=utf-8", true), ("text/html", false), ("image/png", false)]
    {
        let listener = Listener::bind().await;
        let url = format!("http://media.test:{}/", listener.port());
        let script = async {
            let mut peer = listener.accept().await;
            peer.request().await;
            peer.say(answer(&format!("content-type: {kind}\r\n"), b"a,b\n1,2\n")).await;
        };
        let (media, ()) = tokio::join!(fetched(&policy(), &[&url]), script);
        match is_taken {
            true => assert_eq!(&*media.unwrap().at(&url).unwrap().media_type, "text/csv"),
            false => assert!(said(media).contains(&format!("its host says that it is `{kind}`"))),
        }
    }
}

#[tokio::test]
async fn what_a_host_answers_besides_media_is_refused() {
    let policy = policy();
    for (bytes, why) in [
        (&b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..], "its host answered 404"),
        (&answer("", b""), "it is empty"),
        (&answer("content-encoding: gzip\r\n", b"\x1f\x8b\x08\0"), "its answer is compressed"),
        (&answer("", b"MZ\x90\0"), "its host says that it is `nothing`"),
        (b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n", "not told where to"),
        (b"HTTP/1.1 302 Found\r\nlocation: ftp://files.test/x\r\n\r\n", "no http or https URL"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "is not HTTP"),
    ] {
        let message = refused(&policy, bytes).await;
        assert!(message.contains(why), "{why}: {message}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_as_soon_as_that_is_known() {
    let mut policy = policy();
    policy.max_bytes = 1_000;
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    assert!(refused(&policy, announced).await.contains("1000 bytes together"));
    let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1_000));
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}1\r\nx\r\n");
    assert!(refused(&policy, chunked.as_bytes()).await.contains("media.fetch.max_bytes"));
    let short = format!("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{PNG}");
    let message = refused(&policy, short.as_bytes()).await;
    assert!(message.contains("did not") || message.contains("interrupted"), "{message}");
}

#[tokio::test]
async fn what_several_have_together_is_what_counts() {
    let mut policy = policy();
    policy.max_bytes = 150;
    let listener = Listener::bind().await;
    let urls: Vec<_> =
        (0..2).map(|n| format!("http://media.test:{}/{n}", listener.port())).collect();
    let script = async {
        let (mut one, mut other) = (listener.accept().await, listener.accept().await);
        for peer in [&mut one, &mut other] {
            peer.request().await;
        }
        for peer in [&mut one, &mut other] {
            peer.say(answer("", &png())).await;
        }
        (one, other)
    };
    let (media, _) = tokio::join!(fetched(&policy, &[&urls[0], &urls[1]]), script);
    assert!(said(media).contains("150 bytes together"));
    policy.most = 1;
    let media = fetched(&policy, &[&urls[0], &urls[0], &urls[1]]).await;
    assert!(said(media).contains("more than 1 URLs (media.fetch.max_count)"));
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn a_host_that_drips_is_given_up_when_the_time_is_over() {
    let listener = Listener::bind().await;
    let url = format!("http://media.test:{}/", listener.port());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await;
        peer.say("\u{89}").await;
        pause();
        (Instant::now(), peer)
    };
    let (media, (started, mut peer)) = tokio::join!(fetched(&policy(), &[&url]), script);
    let elapsed = started.elapsed();
    resume();
    assert!(elapsed <= Duration::from_secs(11), "{elapsed:?}");
    assert!(said(media).contains("did not come within 10s"));
    peer.gone().await;
}

#[tokio::test]
async fn a_redirect_is_followed_to_where_it_may_lead_and_no_further() {
    let (first, second) = (Listener::bind().await, Listener::bind().await);
    let url = format!("http://one.test:{}/a", first.port());
    let redirected = |to: String| {
        let first = &first;
        async move {
            let mut peer = first.accept().await;
            peer.request().await;
            let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\n");
            peer.say(format!("{head}set-cookie: a=b\r\ncontent-length: 0\r\n\r\n")).await;
            peer.shut().await;
        }
    };
    let mut only = policy();
    only.hosts = vec!["one.test".to_owned(), "two.test".to_owned()];
    let served = async {
        let mut peer = second.accept().await;
        let request = peer.request().await;
        assert!(
            request.starts_with("GET /b?c HTTP/1.1") && !request.contains("cookie"),
            "{request}"
        );
        peer.say(answer("", &png())).await;
    };
    let to = format!("http://two.test:{}/b?c", second.port());
    let (media, (), ()) = tokio::join!(fetched(&only, &[&url]), redirected(to), served);
    assert_eq!(&*media.unwrap().at(&url).unwrap().media_type, "image/png");

    let to = format!("http://three.test:{}/b", second.port());
    let (media, ()) = tokio::join!(fetched(&only, &[&url]), redirected(to));
    assert!(said(media).contains("`three.test` is not among the hosts of media.fetch.hosts"));
    let to = format!("http://me:pw@two.test:{}/b", second.port());
    let (media, ()) = tokio::join!(fetched(&only, &[&url]), redirected(to));
    assert!(said(media).contains("a name or password"));
    // Where a name that is allowed leads is seen by whoever dials it.
    let (media, ()) =
        tokio::join!(fetched(&policy(), &[&url]), redirected("http://169.254.169.254/".into()));
    assert!(said(media).contains("`169.254.169.254`"));
    assert!(second.is_quiet().await);
}

#[tokio::test]
async fn a_circle_of_redirects_has_an_end() {
    let listener = Listener::bind().await;
    let url = format!("http://one.test:{}/a", listener.port());
    let script = async {
        for _ in 0..4 {
            let mut peer = listener.accept().await;
            peer.request().await;
            peer.say(
                "HTTP/1.1 308 Permanent Redirect\r\nlocation: /a\r\ncontent-length: 0\r\n\r\n",
            )
            .await;
            peer.shut().await;
        }
    };
    let (media, ()) = tokio::join!(fetched(&policy(), &[&url]), script);
    assert!(said(media).contains("more than 3 times"));
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn no_url_leads_into_a_network_that_is_not_public_in_whatever_dress() {
    let listener = Listener::bind().await;
    let port = listener.port();
    for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fd00:ec2::254"]
    {
        let connector = Connector::builder().resolver(Names::all_at(address)).build();
        let transport = connector.transport(Timeouts::default());
        let url = format!("http://media.test:{port}/x?signature=hunter2");
        let message = said(policy().fetch(&*transport, &[Need::new(&*url, FIELD)]).await);
        assert!(message.ends_with("`media.test` is no public host"), "{message}");
        assert!(
            !message.contains(address),
            "what a name means here is nobody's business: {message}"
        );
    }
    let transport = Connector::new().transport(Timeouts::default());
    for host in
        ["2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:7f00:1]", "localhost", "LOCALHOST."]
    {
        let url = format!("http://{host}:{port}/");
        said(policy().fetch(&*transport, &[Need::new(&*url, FIELD)]).await);
    }
    assert!(listener.is_quiet().await);
}

/// The proxy stands for the public internet: it answers for any host.
#[tokio::test]
async fn a_public_host_that_redirects_to_a_private_one_is_not_followed() {
    let (internet, private) = (Listener::bind().await, Listener::bind().await);
    let proxy = format!("http://127.0.0.1:{}", internet.port());
    let vars = move |name: &str| (name == "http_proxy").then(|| proxy.clone());
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap()).build();
    let transport = connector.transport(Timeouts::default());
    let script = async {
        let mut peer = internet.accept().await;
        peer.request().await;
        let to = format!("http://127.0.0.1:{}/", private.port());
        peer.say(format!("HTTP/1.1 301 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))
            .await;
        peer
    };
    let needs = [Need::new("http://media.test/cat.png", FIELD)];
    let (policy, needs) = (policy(), &needs);
    let (media, _peer) = tokio::join!(policy.fetch(&*transport, needs), script);
    assert!(said(media).ends_with("`127.0.0.1` is no public host"));
    assert!(private.is_quiet().await && internet.is_quiet().await);
}
