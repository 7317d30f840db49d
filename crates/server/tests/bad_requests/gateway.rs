//! A gateway with a target for each surface, and a client of it.

use std::net::SocketAddr;

use ferro_gateway::{Config, Doors, Format, Gateway, Registry};
use ferro_scripted::{Received, Reply, Upstream};
use ferro_server::Server;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// The most that a body may have, and one with files in it.
pub(crate) const MOST: usize = 4096;
pub(crate) const MOST_WITH_FILES: usize = 8192;

pub(crate) struct Setup {
    upstream: Upstream,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// What a client reads.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

pub(crate) async fn start() -> Setup {
    let answer = |_: &Received| Reply::json(200, r#"{"nobody":"was to be asked"}"#).into();
    let upstream = Upstream::builder().answers(answer).start().await.unwrap();
    let target = |name: &str, kind: &str| {
        let url = upstream.base_url();
        format!(
            "- {{virtual_key: {name}, provider: {kind}, base_url: '{url}', api_key: sk-{name}}}\n"
        )
    };
    let text = format!(
        "strategy: {{mode: fallback}}\nmax_request_bytes: {MOST}\n\
         max_upload_bytes: {MOST_WITH_FILES}\ntargets:\n{}{}{}",
        target("speaks", "openai"),
        target("writes", "anthropic"),
        target("ranks", "voyage"),
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .providers(ferro_provider_anthropic::PROVIDERS)
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS)
        .ingress(&ferro_dialect_anthropic::INGRESS);
    let config = Config::parse(&text, Format::Yaml).unwrap();
    let gateway = Gateway::builder().config(config).registry(registry).doors(Doors::open());
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway.build().unwrap()).await.unwrap();
    let address = server.address().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));
    Setup { upstream, address, _tasks: tasks }
}

impl Setup {
    /// Asks, and reads the answer, which is JSON.
    pub(crate) async fn ask(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        drop(socket.write_all(body).await);
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        Answer { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body }
    }

    /// What the upstream was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.upstream.take_requests().into_iter();
        requests.map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}
