//! Clients that leave, at whatever moment: one record each, and nothing stays open for them.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;

use ferro_scripted::Upstream;
use process::{DEADLINE, Gateway, MASTER_KEY};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A request for a chat whose vendor never answers, under this name.
fn head(id: &str, length: usize, besides: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-request-id: {id}\r\n\
         authorization: Bearer {MASTER_KEY}\r\n{besides}content-length: {length}\r\n\r\n"
    )
}

async fn connect(gateway: &Gateway, said: &str) -> TcpStream {
    let mut client = TcpStream::connect(gateway.address()).await.unwrap();
    client.write_all(said.as_bytes()).await.unwrap();
    client
}

#[tokio::test]
async fn a_client_that_leaves_has_one_record_whenever_it_leaves() {
    let upstream = Upstream::start().await.unwrap();
    let root = upstream.base_url();
    let target =
        format!("{{virtual_key: openai, base_url: '{root}', api_key: k, models: [stall-head]}}");
    let gateway = Gateway::start(&format!("targets: [{target}]\n")).await.unwrap();

    // Before its head is complete: nobody knows yet that it is a request.
    drop(connect(&gateway, &head("in-head", 9, "")[..90]).await);

    // In the middle of its body, which is being read once it has been asked for.
    let mut client = connect(&gateway, &head("in-body", 90, "expect: 100-continue\r\n")).await;
    let mut go_on = [0; 12];
    timeout(DEADLINE, client.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    client.write_all(b"{\"model\":").await.unwrap();
    drop(client);

    // While the vendor is waited for.
    for (count, stream) in [(1, false), (2, true)] {
        let body = format!(
            r#"{{"model":"stall-head","stream":{stream},"messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let id = format!("waiting-{stream}");
        let client = connect(&gateway, &format!("{}{body}", head(&id, body.len(), ""))).await;
        upstream.wait_for_requests(count, DEADLINE).await.unwrap();
        drop(client);
        upstream.wait_for_close(DEADLINE).await.unwrap();
    }

    gateway.terminate().await;
    let (status, printed) = gateway.ended().await;
    assert!(status.success(), "{printed:?}");
    let lines = printed.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut records: Vec<_> = lines
        .filter(|line| !line["request_id"].is_null())
        .map(|line| (line["request_id"].to_string(), line["outcome"].to_string()))
        .collect();
    records.sort();
    let expected =
        [("in-body", "cancelled"), ("waiting-false", "cancelled"), ("waiting-true", "cancelled")]
            .map(|(id, outcome)| (format!("\"{id}\""), format!("\"{outcome}\"")));
    assert_eq!(records, expected, "{printed:?}");
}
