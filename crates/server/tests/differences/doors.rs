//! Who is let in, and with how much.

use std::net::SocketAddr;

use ferro_core::Secret;
use ferro_gateway::{Doors, Keyring};
use ferro_server::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::setup::{answering, builder, target};

async fn listening(doors: Doors, text: &str) -> (SocketAddr, JoinSet<()>) {
    let gateway = builder(text).doors(doors).build().unwrap();
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await.unwrap();
    let address = server.address().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));
    (address, tasks)
}

/// The status line that a request with a body of so many bytes comes to.
async fn post(address: SocketAddr, key: &str, size: usize) -> String {
    let said = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]"#;
    let body = format!("{said}{}}}", " ".repeat(size.saturating_sub(said.len() + 1)));
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{key}content-length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    // A body that is refused early is not read to its end.
    drop(socket.write_all(body.as_bytes()).await);
    let mut answer = Vec::new();
    drop(socket.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

pub(crate) async fn a_caller_shows_a_key_unless_the_door_is_opened() {
    let upstream = answering(&[]).await;
    let text = format!("targets: [{}]\n", target("a", &upstream, ""));
    let keys = Keyring::with_master(&Secret::new("sk-master"));
    let (closed, _tasks) = listening(Doors::behind(keys), &text).await;
    assert_eq!(post(closed, "", 0).await, "HTTP/1.1 401 Unauthorized");
    assert_eq!(post(closed, "authorization: Bearer sk-master\r\n", 0).await, "HTTP/1.1 200 OK");

    let vars = |name: &str| match name {
        "ALLOW_UNAUTHENTICATED_PROXY" => Some("true".to_owned()),
        "MASTER_KEY" => Some("sk-master".to_owned()),
        _ => None,
    };
    let (doors, _) = Doors::from_vars(&vars).unwrap();
    let (open, _tasks) = listening(doors, &text).await;
    assert_eq!(post(open, "", 0).await, "HTTP/1.1 200 OK");
}

pub(crate) async fn a_body_is_as_large_as_is_said() {
    let upstream = answering(&[]).await;
    let text = format!("targets: [{}]\n", target("a", &upstream, ""));
    let (usual, _tasks) = listening(Doors::open(), &text).await;
    let (least, most) = ("HTTP/1.1 200 OK", "HTTP/1.1 413 Payload Too Large");
    assert_eq!(post(usual, "", 10 << 20).await, least);
    assert_eq!(post(usual, "", (10 << 20) + 1).await, most);

    let larger = format!("{text}max_request_bytes: 20971520\n");
    let (larger, _tasks) = listening(Doors::open(), &larger).await;
    assert_eq!(post(larger, "", (10 << 20) + 1).await, least);
}
