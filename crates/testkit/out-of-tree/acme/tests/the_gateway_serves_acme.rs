//! The third party's own binary in front of a scripted Acme: a whole reply, a streamed one, a
//! refusal, each exactly.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

const KEY: &str = "acme-key-of-the-test";

/// Acme, as it answers: what it received goes to `seen`, head and body.
fn acme(seen: mpsc::SyncSender<String>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base_url = format!("http://{}/stage", listener.local_addr().unwrap());
    thread::spawn(move || {
        for socket in listener.incoming() {
            let seen = seen.clone();
            thread::spawn(move || converse(socket.unwrap(), &seen));
        }
    });
    base_url
}

fn converse(socket: TcpStream, seen: &mpsc::SyncSender<String>) {
    let mut reader = BufReader::new(socket);
    while let Some(request) = read_request(&mut reader) {
        let (status, body) = if request.contains(r#""brain":"hoarse""#) {
            ("429 Hoarse", r#"{"trouble":"lost my voice","again_in":7}"#.to_owned())
        } else if request.contains(r#""live":true"#) {
            let lines = [
                r#"{"says":"Hello"}"#,
                r#"{"says":" out there"}"#,
                r#"{"stopped":"done","spent":{"heard":3,"said":2}}"#,
            ];
            ("200 OK", lines.map(|line| format!("{line}\n")).concat())
        } else {
            let body = r#"{"says":"Hello","stopped":"at_most","spent":{"heard":3,"said":1}}"#;
            ("200 OK", body.to_owned())
        };
        let is_live = request.contains(r#""live":true"#);
        let kind = if is_live { "application/x-ndjson" } else { "application/json" };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        reader.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
        // The test may have seen enough.
        drop(seen.send(request));
    }
}

/// One request, head and body; `None` when the peer has gone.
fn read_request(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request).ok()? == 0 {
            return None;
        }
    }
    let length = request.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(request + std::str::from_utf8(&body).unwrap())
}

/// The gateway. Dropping it ends it.
struct Gateway {
    child: Child,
    port: u16,
    /// What it goes on to say; its pipe stays open as long as it runs.
    _says: BufReader<ChildStderr>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Gateway {
    fn start(name: &str, base_url: &str) -> Self {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
        let config = format!(
            r#"{{"targets":[{{"virtual_key":"stage","provider":"acme","base_url":"{base_url}","api_key":"{KEY}"}}]}}"#
        );
        std::fs::write(&file, config).unwrap();
        // A port that is free when it is chosen may be taken a moment later.
        (0..9).find_map(|_| Self::try_start(&file, free_port())).expect("nine ports were taken")
    }

    /// Starts it on `port`; `None` if it ends without listening.
    fn try_start(file: &Path, port: u16) -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_acme-gateway"))
            .arg("--config")
            .arg(file)
            .env("PORT", port.to_string())
            .env_remove("MASTER_KEY")
            .env_remove("GATEWAY_ENV")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listens on") {
            line.clear();
            if says.read_line(&mut line).unwrap() == 0 {
                child.wait().unwrap();
                return None;
            }
        }
        Some(Self { child, port, _says: says })
    }

    fn ask(&self, model: &str, is_stream: bool) -> String {
        let body = format!(
            r#"{{"model":"{model}","stream":{is_stream},"seed":7,"messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A port that was free a moment ago: the gateway is told a number.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn a_whole_request_is_answered_in_the_clients_words() {
    let (sender, seen) = mpsc::sync_channel(9);
    let gateway = Gateway::start("whole", &acme(sender));
    let answer = gateway.ask("brain-1", false);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(
        body,
        concat!(
            r#"{"id":"chatcmpl-acme","object":"chat.completion","created":0,"model":"brain-1","#,
            r#""choices":[{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"#,
            r#""logprobs":null,"finish_reason":"length","native_finish_reason":"at_most"}],"#,
            r#""usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"#,
            r#""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"#,
            r#""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"provider":"stage"}"#
        )
    );
    let request = seen.recv().unwrap();
    assert!(request.starts_with("POST /stage/speech HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("x-acme-key: {KEY}\r\n")), "{request}");
    let sent = r#"{"brain":"brain-1","lines":[{"who":"guest","says":"hi"}],"live":false}"#;
    assert!(request.ends_with(&format!("\r\n\r\n{sent}")), "{request}");
}

#[test]
fn a_stream_is_answered_in_the_clients_words() {
    let (sender, _seen) = mpsc::sync_channel(9);
    let gateway = Gateway::start("stream", &acme(sender));
    let answer = gateway.ask("brain-1", true);
    let said: Vec<_> = answer.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let head = r#"{"id":"chatcmpl-acme","object":"chat.completion.chunk","created":0,"model":"brain-1","choices":"#;
    assert_eq!(
        said,
        [
            format!(
                r#"{head}[{{"index":0,"delta":{{"role":"assistant","content":"Hello"}},"finish_reason":null}}]}}"#
            ),
            format!(
                r#"{head}[{{"index":0,"delta":{{"content":" out there"}},"finish_reason":null}}]}}"#
            ),
            format!(
                r#"{head}[{{"index":0,"delta":{{}},"finish_reason":"stop","native_finish_reason":"done"}}]}}"#
            ),
            "[DONE]".to_owned(),
        ],
        "{answer}"
    );
}

#[test]
fn a_refusal_keeps_the_vendors_words_and_its_wait() {
    let (sender, _seen) = mpsc::sync_channel(99);
    let gateway = Gateway::start("refusal", &acme(sender));
    let answer = gateway.ask("hoarse", false);
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains("lost my voice"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("retry-after: 7\r\n"), "{answer}");
}
