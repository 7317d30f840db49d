//! A gateway that listens, and a client of it: what every test over real sockets is set up with.

use std::net::SocketAddr;

use ferro_gateway::{Config, Format, Gateway, GatewayBuilder, Registry};
use ferro_server::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// A gateway that listens for as long as this is held.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// A gateway of a configuration in YAML, to be opened to somebody.
pub(crate) fn configured(text: &str, registry: Registry) -> GatewayBuilder {
    Gateway::builder().config(Config::parse(text, Format::Yaml).unwrap()).registry(registry)
}

impl Listening {
    /// On a port that is free.
    pub(crate) async fn start(gateway: GatewayBuilder) -> Self {
        let gateway = gateway.build().unwrap();
        let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await.unwrap();
        let address = server.address().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(server.run(std::future::pending()));
        Self { address, _tasks: tasks }
    }

    /// Sends a request over a connection of its own. A body that is refused early is not read to its end.
    pub(crate) async fn send(&self, line: &str, headers: &str, body: &[u8]) -> TcpStream {
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        drop(socket.write_all(body).await);
        socket
    }

    /// Sends a request, and reads the answer until the connection is closed.
    pub(crate) async fn ask(&self, line: &str, headers: &str, body: &[u8]) -> String {
        let mut answer = Vec::new();
        drop(self.send(line, headers, body).await.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    }
}
