//! A gateway that listens, vendors that misbehave, and clients that ask.

use std::{
    fmt::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use ferro_gateway::{Config, Doors, Format, Gateway, Registry};
use ferro_scripted::{Events, Received, Reply, Script, Shape, Upstream, refusal};
use ferro_server::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway that listens.
pub(crate) struct Weather {
    address: SocketAddr,
    pub(crate) gateway: Gateway,
    _tasks: JoinSet<()>,
}

/// What a client was told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Who answered.
    pub(crate) fn target(&self) -> &str {
        self.header("x-gateway-provider").unwrap_or_default()
    }
}

impl Weather {
    /// A gateway of these targets, each with what else is said of it, by this strategy.
    pub(crate) async fn new(strategy: &str, targets: &[(&str, &Upstream, &str)]) -> Self {
        let mut text = format!("strategy: {strategy}\ntargets:\n");
        for (name, upstream, more) in targets {
            let url = upstream.base_url();
            let provider = "provider: openai-compatible";
            writeln!(text, "- {{virtual_key: {name}, {provider}, base_url: '{url}', {more}}}")
                .unwrap();
        }
        Self::of(&text).await
    }

    pub(crate) async fn of(config: &str) -> Self {
        let (server, gateway) = listens(config).await;
        let address = server.address().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(server.run(std::future::pending()));
        Self { address, gateway, _tasks: tasks }
    }

    /// Asks, and reads everything.
    pub(crate) async fn ask(&self, model: &str, stream: bool) -> Told {
        ask(self.address, model, stream, "").await
    }

    /// Asks as a part of a session.
    pub(crate) async fn ask_in(&self, session: &str, model: &str) -> Told {
        ask(self.address, model, false, &format!("x-session-id: {session}\r\n")).await
    }

    /// Asks so often, one after the other, and says what each was told.
    pub(crate) async fn ask_often(&self, count: usize, model: &str) -> Vec<Told> {
        let mut told = Vec::new();
        for _ in 0..count {
            told.push(self.ask(model, false).await);
        }
        told
    }

    /// Asks so often, all at once.
    pub(crate) fn ask_at_once(&self, count: usize, model: &'static str) -> JoinSet<Told> {
        let address = self.address;
        (0..count).map(|_| ask(address, model, false, "")).collect()
    }

    /// A metric's line, without its value.
    pub(crate) fn metric(&self, series: &str) -> Option<String> {
        let text = self.gateway.engine().metrics().render();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map(str::to_owned)
    }
}

/// A server that listens and accepts nobody yet.
pub(crate) async fn listens(config: &str) -> (Server, Gateway) {
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let config = Config::parse(config, Format::Yaml).unwrap();
    let builder = Gateway::builder().config(config).registry(registry).environment(|_| None);
    let gateway = builder.doors(Doors::open()).build().unwrap();
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway.clone()).await.unwrap();
    (server, gateway)
}

async fn ask(address: SocketAddr, model: &str, stream: bool, lines: &str) -> Told {
    ask_by(TcpStream::connect(address).await.unwrap(), model, stream, lines).await
}

/// Asks by a connection that there is, and reads until it is closed.
pub(crate) async fn ask_by(mut socket: TcpStream, model: &str, stream: bool, lines: &str) -> Told {
    send(&mut socket, model, stream, lines).await;
    told(socket).await
}

/// Sends a request.
pub(crate) async fn send(socket: &mut TcpStream, model: &str, stream: bool, lines: &str) {
    let said = r#"{"role":"user","content":"hi"}"#;
    let body = format!(r#"{{"model":"{model}","stream":{stream},"messages":[{said}]}}"#);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{lines}content-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body.as_bytes()).await.unwrap();
}

/// Reads what is told until the connection is closed.
pub(crate) async fn told(mut socket: TcpStream) -> Told {
    let reading = async {
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    let answer = tokio::time::timeout(PATIENCE, reading).await.expect("an answer, in the end");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Told { status, head: head.to_owned(), body: body.to_owned() }
}

/// A vendor that answers what its switch says.
pub(crate) struct Vendor {
    pub(crate) upstream: Upstream,
    is_ill: Arc<AtomicBool>,
}

impl Vendor {
    /// One that is ill in this way, until it is cured.
    pub(crate) async fn ill(ill: impl Fn(&Received) -> Script + Send + Sync + 'static) -> Self {
        let is_ill = Arc::new(AtomicBool::new(true));
        let seen = Arc::clone(&is_ill);
        let answers = move |received: &Received| {
            if seen.load(Relaxed) { ill(received) } else { well(received) }
        };
        let upstream = Upstream::builder().answers(answers).start().await.unwrap();
        Self { upstream, is_ill }
    }

    pub(crate) fn cure(&self) {
        self.is_ill.store(false, Relaxed);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.upstream.requests().len()
    }
}

/// A vendor that is well.
pub(crate) async fn healthy() -> Upstream {
    Upstream::builder().answers(well).start().await.unwrap()
}

/// An ordinary answer.
pub(crate) fn well(received: &Received) -> Script {
    if is_stream(received) {
        return Events::of_text(&["well", " done"]).into();
    }
    let said = r#"{"role":"assistant","content":"well done"}"#;
    let choice = format!(r#"{{"index":0,"message":{said},"finish_reason":"stop"}}"#);
    let usage = r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}"#;
    let body = format!(
        r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{choice}],"usage":{usage}}}"#
    );
    Reply::json(200, body).into()
}

pub(crate) fn is_stream(received: &Received) -> bool {
    String::from_utf8_lossy(&received.body).contains(r#""stream":true"#)
}

/// A refusal with this status.
pub(crate) fn refuses(status: u16) -> impl Fn(&Received) -> Script + Send + Sync + 'static {
    move |_| refusal(status, Shape::OpenAi).into()
}
