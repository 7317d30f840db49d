//! The ways to whoever issues credentials.

use std::{sync::Arc, time::Duration};

use ferro_core::{ErrorKind, Transport};
use ferro_transport::{Connector, Proxies, Timeouts};
use tokio::time::timeout;

use crate::origin::{Listener, Names, get, message, text};

/// A time in which nothing connects that cannot.
fn hasty() -> Timeouts {
    let (connect, first_byte) = (Duration::from_millis(50), Duration::from_millis(50));
    Timeouts { connect, first_byte, ..Timeouts::default() }
}

fn metadata(connector: &Connector) -> Arc<dyn Transport> {
    connector.metadata_transport(hasty())
}

#[tokio::test]
async fn metadata_is_asked_where_clouds_serve_it_and_nowhere_else() {
    let listener = Listener::bind().await;
    let port = listener.port();
    for address in ["127.0.0.1", "10.0.0.1", "93.184.216.34", "::1", "fd00::1"] {
        let connector = Connector::builder().resolver(Names::all_at(address)).build();
        let literal = match address.contains(':') {
            true => format!("http://[{address}]:{port}/"),
            false => format!("http://{address}:{port}/"),
        };
        for url in [literal, format!("http://metadata.test:{port}/")] {
            let message = message(metadata(&connector).send(get(&url)).await, ErrorKind::Transport);
            assert!(
                message.contains("is not where a cloud serves credentials"),
                "{url}: {message}"
            );
        }
    }
    assert!(listener.is_quiet().await);
}

/// What becomes of this address is the business of the network that a test runs in: it may be refused,
/// be silent, or even answer.
#[tokio::test]
async fn a_machine_in_no_cloud_does_not_wait_and_no_proxy_hears_of_it() {
    let proxy = Listener::bind().await;
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| (name == "ALL_PROXY").then(|| url.clone());
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap());
    let connector = connector.resolver(Names::all_at("169.254.77.77")).build();
    for url in ["http://169.254.77.77/", "http://metadata.test/"] {
        let asked = timeout(Duration::from_secs(5), metadata(&connector).send(get(url))).await;
        if let Err(error) = asked.expect("it is given up") {
            let words = error.to_string();
            assert!(!words.contains("proxy") && !words.contains("is not where"), "{words}");
        }
    }
    assert!(proxy.is_quiet().await);
}

#[tokio::test]
async fn an_operators_issuer_may_be_on_this_machine_and_behind_a_proxy_and_never_link_local() {
    let listener = Listener::bind().await;
    let connector = Connector::builder().resolver(Names::all_at("127.0.0.1")).build();
    let operators = connector.operators_transport(Timeouts::default());
    let script = async {
        let mut peer = listener.accept().await;
        let request = peer.request().await;
        peer.answer("a token").await;
        request
    };
    let url = format!("http://issuer.test:{}/token", listener.port());
    let (answer, _) = tokio::join!(operators.send(get(&url)), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "a token");
    for address in ["169.254.169.254", "fd00:ec2::254"] {
        let connector = Connector::builder().resolver(Names::all_at(address)).build();
        let operators = connector.operators_transport(hasty());
        let message =
            message(operators.send(get("http://issuer.test/")).await, ErrorKind::Transport);
        assert!(message.contains("link-local"), "{message}");
    }
    let proxy = Listener::bind().await;
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let vars = move |name: &str| (name == "ALL_PROXY").then(|| url.clone());
    let connector = Connector::builder().proxies(Proxies::from_vars(&vars).unwrap()).build();
    let operators = connector.operators_transport(Timeouts::default());
    let script = async {
        let mut peer = proxy.accept().await;
        let request = peer.request().await;
        peer.answer("a token").await;
        assert!(request.starts_with("GET http://issuer.test/token HTTP/1.1\r\n"), "{request}");
    };
    let (answer, ()) = tokio::join!(operators.send(get("http://issuer.test/token")), script);
    assert_eq!(text(answer.unwrap()).await.unwrap(), "a token");
}
