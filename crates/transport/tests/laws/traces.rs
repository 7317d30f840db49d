//! What is told of a connection to whoever listens.

use std::{
    io,
    sync::{Arc, Mutex},
};

use ferro_transport::Timeouts;
use tracing_subscriber::fmt::MakeWriter;

use crate::origin::{Listener, get, text, trusting, upstream};

/// Lines, as they are written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Listens at `debug` on this thread, for as long as what is returned lives.
fn listening() -> (Lines, Listening) {
    // A lone subscriber is asked on whichever thread meets an event first, and other tests have none
    // on theirs; beside a second one it is asked for itself.
    let second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    (lines, Listening { _guard: guard, _second: second })
}

struct Listening {
    _guard: tracing::subscriber::DefaultGuard,
    _second: tracing::Dispatch,
}

impl Lines {
    fn read(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn how_long_each_step_took_is_told_with_its_origin() {
    let (lines, _listening) = listening();
    let listener = Listener::bind().await;
    let url = format!("https://localhost:{}", listener.port());
    let upstream = upstream(&trusting(), &url, Timeouts::default());
    let script = async {
        let mut peer = listener.accept_tls(&["http/1.1"]).await;
        for _ in 0..2 {
            peer.request().await;
            peer.answer("done").await;
        }
    };
    let calls = async {
        for _ in 0..2 {
            text(upstream.send(get("/secret?key=1")).await.unwrap()).await.unwrap();
        }
    };
    tokio::join!(calls, script);
    let lines = lines.read();
    let told: Vec<&str> = lines.lines().filter(|line| line.contains("ferro_transport")).collect();
    assert_eq!(told.len(), 3, "one connection, two answers: {told:#?}");
    assert!(told.iter().all(|line| line.contains(&format!("origin={url}"))), "{told:#?}");
    for field in ["connected", "dns_ms=", "connect_ms=", "tls_ms=", "protocol=Http1"] {
        assert!(told[0].contains(field), "{field}: {told:#?}");
    }
    for (line, pooled) in [(told[1], "was_pooled=false"), (told[2], "was_pooled=true")] {
        for field in ["answered", "status=200", "first_byte_ms=", pooled] {
            assert!(line.contains(field), "{field}: {told:#?}");
        }
    }
    assert!(!lines.contains("secret"), "paths may hold what is nobody's business");
}

#[tokio::test]
async fn a_connection_that_could_not_be_opened_is_told_of() {
    let (lines, _listening) = listening();
    let url = format!("http://127.0.0.1:{}", Listener::bind().await.port()); // closed again
    let answer = upstream(&trusting(), &url, Timeouts::default()).send(get("/")).await;
    assert!(answer.is_err());
    let lines = lines.read();
    let told = lines.lines().find(|line| line.contains("not connected")).unwrap();
    assert!(told.contains(&format!("origin={url}")) && told.contains("refused"), "{told}");
}
