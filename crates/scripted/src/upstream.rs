//! Listens, reads requests, and writes what the vendor says, byte for byte.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::vendor::{Answer, answer};

/// A request as it was received.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Received {
    /// The path.
    pub path: String,
    /// The headers, lower-cased names, in order.
    pub headers: Vec<(String, String)>,
    /// The body, exactly.
    pub body: Vec<u8>,
}

/// A vendor on a loopback port. Dropping it stops it.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Received>>>,
    /// Everything it does; dropped with it.
    _tasks: JoinSet<()>,
}

impl Upstream {
    /// Starts one on a free port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let log = Arc::<Mutex<Vec<Received>>>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&log)));
        Ok(Self { address, log, _tasks: tasks })
    }

    /// The API root for a target's `base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What was received so far.
    pub fn requests(&self) -> Vec<Received> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn accept(listener: TcpListener, log: Arc<Mutex<Vec<Received>>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let log = Arc::clone(&log);
        connections.spawn(async move {
            // A connection that breaks is a client that left: nobody is waiting for the error.
            drop(converse(stream, &log).await);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, log: &Mutex<Vec<Received>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(received) = read(&mut stream).await? {
        let reply = answer(&received.path, &received.body);
        log.lock().unwrap_or_else(PoisonError::into_inner).push(received);
        match reply {
            Answer::Reply { status, content_type, headers, body } => {
                let head = format!(
                    "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\n\
                     x-request-id: req-scripted\r\n{headers}content-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await?;
            }
            Answer::Cut(events) => {
                let head = "HTTP/1.1 200 Scripted\r\ncontent-type: text/event-stream\r\n\
                            content-length: 1000000\r\n\r\n";
                stream.write_all(format!("{head}{events}").as_bytes()).await?;
                return stream.shutdown().await;
            }
            Answer::Nothing => return Ok(()),
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Received>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut received = Received { path, ..Received::default() };
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        received.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = received.headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or_default();
    received.body = vec![0; length];
    stream.read_exact(&mut received.body).await?;
    Ok(Some(received))
}
