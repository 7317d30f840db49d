//! Where a connection may lead, and what goes with it.

use std::sync::Arc;

use ferro_core::{ErrorKind, Origin, Transport};
use ferro_transport::{Connector, Proxies, Timeouts};

use crate::origin::{Listener, Names, get, message, text, upstream};

fn connector_where_all_names_are_at(address: &str) -> Connector {
    Connector::builder().resolver(Names::all_at(address)).build()
}

fn transport(connector: &Connector) -> Arc<dyn Transport> {
    connector.transport(Timeouts::default())
}

#[tokio::test]
async fn no_target_is_at_a_link_local_address_nor_at_a_name_for_one() {
    for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"] {
        let connector = connector_where_all_names_are_at(address);
        let literal = match address.contains(':') {
            true => format!("http://[{address}]/"),
            false => format!("http://{address}/"),
        };
        for url in [literal.as_str(), "http://metadata.test/", "https://metadata.test/"] {
            let answer = upstream(&connector, url, Timeouts::default()).send(get("/")).await;
            let message = message(answer, ErrorKind::Transport);
            assert!(message.contains("link-local"), "{url}: {message}");
        }
    }
}

#[tokio::test]
async fn a_local_model_server_is_a_target_by_address_and_by_name() {
    let listener = Listener::bind().await;
    let connector = connector_where_all_names_are_at("127.0.0.1");
    for host in ["127.0.0.1", "models.test"] {
        let url = format!("http://{host}:{}", listener.port());
        let upstream = upstream(&connector, &url, Timeouts::default());
        let script = async {
            let mut peer = listener.accept().await;
            assert!(peer.request().await.contains(&format!("\r\nhost: {host}:")));
            peer.answer("here").await;
        };
        let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
        assert_eq!(text(answer.unwrap()).await.unwrap(), "here");
    }
}

#[tokio::test]
async fn an_address_that_is_refused_or_silent_is_passed_over_for_the_next() {
    let listener = Listener::bind().await;
    let names = Names::all_at_each(&["169.254.169.254", "127.0.0.77", "127.0.0.1"]);
    let connector = Connector::builder().resolver(names).build();
    let url = format!("http://models.test:{}", listener.port());
    let upstream = upstream(&connector, &url, Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        peer.request().await;
        peer.answer("the last").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "the last");
}

#[tokio::test]
async fn a_public_host_is_neither_a_private_address_nor_a_name_for_one() {
    let listener = Listener::bind().await;
    let port = listener.port();
    for address in ["127.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254"] {
        let transport = transport(&connector_where_all_names_are_at(address));
        for url in [format!("http://{address}:{port}/"), format!("http://media.test:{port}/x.png")]
        {
            let message = message(transport.send(get(&url)).await, ErrorKind::Invalid);
            assert!(message.contains(address), "{url}: {message}");
        }
    }
    assert!(listener.is_quiet().await);
}

#[tokio::test]
async fn a_name_that_means_nothing_is_a_failure_that_says_so() {
    #[derive(Debug)]
    struct Nobody;
    #[async_trait::async_trait]
    impl ferro_transport::Resolve for Nobody {
        async fn resolve(&self, _: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
            Ok(Vec::new())
        }
    }
    let connector = Connector::builder().resolver(Arc::new(Nobody)).build();
    let answer = upstream(&connector, "http://typo.test", Timeouts::default()).send(get("/")).await;
    let message = message(answer, ErrorKind::Transport);
    assert!(message.contains("http://typo.test cannot be reached"), "{message}");
    assert!(message.contains("its name has no address"), "{message}");
}

#[tokio::test]
async fn a_url_that_leads_nowhere_is_refused() {
    let transport = transport(&Connector::new());
    for url in ["/only/a/path", "ftp://files.test/x"] {
        message(transport.send(get(url)).await, ErrorKind::Invalid);
    }
}

/// The proxy stands for the public internet: it answers for any host.
#[tokio::test]
async fn a_public_host_is_sent_what_the_request_holds_and_no_targets_credential() {
    let (target, proxy) = (Listener::bind().await, Listener::bind().await);
    let address = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| (name == "http_proxy").then(|| address.clone());
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap()).build();
    let url = format!("http://key:word@127.0.0.1:{}", target.port());
    let upstream = connector.upstream(&Origin::split(&url).unwrap().0, Timeouts::default());
    let script = async {
        let mut peer = target.accept().await;
        assert!(peer.request().await.contains("authorization: Basic"));
        peer.answer("").await;
    };
    let (answer, ()) = tokio::join!(upstream.send(get("/v1")), script);
    text(answer.unwrap()).await.unwrap();

    let transport = transport(&connector);
    let script = async {
        let mut peer = proxy.accept().await;
        let request = peer.request().await;
        peer.say("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n")
            .await;
        request
    };
    let sent = transport.send(get("http://media.test/cat.png?size=1"));
    let (answer, request) = tokio::join!(sent, script);
    assert_eq!(answer.unwrap().status(), 302, "a redirect is an answer");
    assert!(request.starts_with("GET http://media.test/cat.png?size=1 HTTP/1.1\r\n"), "{request}");
    assert!(!request.to_lowercase().contains("authorization"), "{request}");
    assert!(proxy.is_quiet().await && target.is_quiet().await, "and is not followed");
}
