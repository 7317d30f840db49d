//! One library, one way to the vendor: what the library saw, and what the vendor received.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use ferro_scripted::{Received, Upstream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    compare::matches,
    libraries::Library,
    process::{Gateway, MASTER_KEY},
    vendor,
};

/// Far more than a library takes to be loaded, beside others and whatever else keeps the machine busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// Headers that are about the hop, or about the program that sends. All others say something to the
/// vendor.
const BETWEEN_PROGRAMS: &[&str] = &[
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "host",
    "sec-fetch-mode",
    "transfer-encoding",
    "user-agent",
    "x-fern-*",
    "x-stainless-*",
];

/// How it reaches the vendor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// Directly.
    Straight,
    /// Through the gateway.
    Through,
}

/// What each case saw, by its name.
pub(crate) type Observed = BTreeMap<String, Value>;

/// Runs every case, one after the other.
pub(crate) async fn observe(library: &Library, way: Way) -> Result<Observed, String> {
    let upstream = Upstream::builder().answers(vendor::answer).start().await;
    let upstream = upstream.map_err(|error| error.to_string())?;
    let straight = format!("http://{}", upstream.address());
    let (_gateway, root) = match way {
        Way::Straight => (None, straight),
        Way::Through => {
            let gateway = Gateway::start(&config(&straight)).await?;
            let root = format!("http://{}", gateway.address());
            (Some(gateway), root)
        }
    };
    let mut program = Program::start(library.command(&root, MASTER_KEY)?)?;
    let mut observed = Observed::new();
    for name in program.cases().await? {
        let mut seen = program.run(&name).await?;
        seen["received"] = upstream.take_requests().iter().map(received).collect();
        observed.insert(name, seen);
    }
    Ok(observed)
}

fn config(root: &str) -> String {
    let target = |(kind, models): (&str, &[&str])| {
        format!(
            "  - {{virtual_key: {kind}, base_url: '{root}', api_key: sk-of-the-gateway, \
             models: [{}]}}\n",
            models.join(", ")
        )
    };
    let targets: String = vendor::MODELS.into_iter().map(target).collect();
    format!("responses_target: openai\nbatch_target: openai\ntargets:\n{targets}")
}

fn received(request: &Received) -> Value {
    let boundary = request.header("content-type").and_then(|kind| kind.split_once("boundary="));
    // A library makes a boundary up for each form.
    let plain = |text: &str| match boundary {
        Some((_, boundary)) => text.replace(boundary, "boundary"),
        None => text.to_owned(),
    };
    let mut headers = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in &request.headers {
        headers.entry(name.to_ascii_lowercase()).or_default().push(plain(value));
    }
    if request.body.is_empty() {
        headers.remove("content-type"); // of nothing
    }
    headers.retain(|name, _| !BETWEEN_PROGRAMS.iter().any(|between| matches(between, name)));
    json!({
        "method": request.method, "path": request.path, "headers": headers,
        "body": plain(&text(&request.body)),
    })
}

/// Bytes as text, and by their numbers those that are none.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// The program that uses the library: a name in, a line of JSON out.
struct Program {
    _child: Child,
    names: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let names = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Ok(Self { _child: child, names, answers })
    }

    async fn cases(&mut self) -> Result<Vec<String>, String> {
        let names = self.run("").await?;
        serde_json::from_value(names).map_err(|error| error.to_string())
    }

    async fn run(&mut self, name: &str) -> Result<Value, String> {
        let asking = async {
            self.names.write_all(format!("{name}\n").as_bytes()).await?;
            self.answers.next_line().await
        };
        let answer = timeout(PATIENCE, asking).await.map_err(|_| format!("{name}: no answer"))?;
        let answer = answer.map_err(|error| format!("{name}: {error}"))?;
        let answer = answer.ok_or_else(|| format!("{name}: the program ended"))?;
        serde_json::from_str(&answer).map_err(|error| format!("{name}: {error}: {answer}"))
    }
}
