//! How the process ends, however it is told to, with a request under way.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;
#[expect(dead_code, reason = "other tests of this binary use the rest")]
#[path = "fidelity/wire.rs"]
mod wire;

use ferro_scripted::{STREAM_TEXT, Upstream};
use process::{DEADLINE, Gateway};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use wire::Client;

/// Half as long as the process waits for requests under way.
const SOON: u64 = 7;

#[tokio::test]
async fn whoever_tells_it_twice_does_not_wait_for_a_stream() {
    let upstream = Upstream::start().await.unwrap();
    let root = upstream.base_url();
    let target =
        format!("{{virtual_key: openai, base_url: '{root}', api_key: k, models: [stall-3]}}");
    let gateway = Gateway::start(&format!("targets: [{target}]\n")).await.unwrap();
    let body = r#"{"model":"stall-3","messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    let mut client = Client::ask(&gateway, body).await;
    client.until(STREAM_TEXT[0]).await;
    gateway.terminate().await;
    // It has heard when it listens no more.
    let deaf = async { while TcpStream::connect(gateway.address()).await.is_ok() {} };
    timeout(DEADLINE, deaf).await.unwrap();
    let told_again = Instant::now();
    gateway.terminate().await;
    let (status, printed) = gateway.ended().await;
    assert_eq!(status.code(), Some(1), "{printed:?}");
    assert!(printed.iter().any(|line| line.contains("told to stop twice")), "{printed:?}");
    assert!(told_again.elapsed().as_secs() < SOON, "{printed:?}");
    upstream.wait_for_close(DEADLINE).await.unwrap();
}
