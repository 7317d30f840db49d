//! One library, one way to the vendor: what the library saw, and what the vendor received.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use ferro_scripted::{Received, Upstream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::process::{DEADLINE, Gateway, MASTER_KEY};

/// Headers that say something to the vendor. The others are about the hop, or about the program
/// that sends.
const HEADERS: [&str; 3] = ["content-type", "accept", "authorization"];

/// A library.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    /// The Python library.
    Python,
    /// The Node library.
    Node,
}

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

impl Language {
    /// As trials name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    fn command(self, base_url: &str, key: &str) -> Result<Command, String> {
        let sdks = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("sdks");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
        let (program, script, more): (PathBuf, PathBuf, Option<PathBuf>) = match self {
            Self::Python => (sdks.join("python/bin/python"), scripts.join("python/cases.py"), None),
            Self::Node => {
                let root = Some(sdks.join("node"));
                (sdks.join("node/bin/node"), scripts.join("node/cases.mjs"), root)
            }
        };
        if !sdks.join("stamp").exists() || !program.exists() {
            return Err(format!(
                "the official {} library is not installed: run `cargo xtask sdks`",
                self.name()
            ));
        }
        let mut command = Command::new(program);
        if self == Self::Python {
            command.args(["-W", "ignore"]); // the library warns about its own parsed replies
        }
        command.arg(script).args([base_url, key]).args(more).env_clear();
        Ok(command)
    }
}

/// Runs every case, one after the other.
pub(crate) async fn observe(
    language: Language,
    way: Way,
    models: &[&str],
) -> Result<Observed, String> {
    let upstream = Upstream::start().await.map_err(|error| error.to_string())?;
    let (_gateway, base_url) = match way {
        Way::Straight => (None, upstream.base_url()),
        Way::Through => {
            let gateway = Gateway::start(&config(&upstream.base_url(), models)).await?;
            let base_url = format!("http://{}/v1", gateway.address());
            (Some(gateway), base_url)
        }
    };
    let mut library = Library::start(language.command(&base_url, MASTER_KEY)?)?;
    let mut observed = Observed::new();
    for name in library.cases().await? {
        let mut seen = library.run(&name).await?;
        seen["received"] = upstream.take_requests().iter().map(received).collect();
        observed.insert(name, seen);
    }
    Ok(observed)
}

fn config(base_url: &str, models: &[&str]) -> String {
    format!(
        "targets:\n  - virtual_key: openai\n    base_url: '{base_url}'\n    \
         api_key: sk-of-the-gateway\n    models: [{}]\n",
        models.join(", ")
    )
}

fn received(request: &Received) -> Value {
    let boundary = request.header("content-type").and_then(|kind| kind.split_once("boundary="));
    // A library makes a boundary up for each form.
    let plain = |text: &str| match boundary {
        Some((_, boundary)) => text.replace(boundary, "boundary"),
        None => text.to_owned(),
    };
    let header = |name| request.header(name).map(plain);
    let headers: BTreeMap<_, _> = HEADERS.iter().map(|name| (*name, header(name))).collect();
    json!({
        "method": request.method, "path": request.path, "headers": headers,
        "body": plain(&String::from_utf8_lossy(&request.body)),
    })
}

/// The program that uses the library: a name in, a line of JSON out.
struct Library {
    _child: Child,
    names: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Library {
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
        let answer = timeout(DEADLINE, asking).await.map_err(|_| format!("{name}: no answer"))?;
        let answer = answer.map_err(|error| format!("{name}: {error}"))?;
        let answer = answer.ok_or_else(|| format!("{name}: the program ended"))?;
        serde_json::from_str(&answer).map_err(|error| format!("{name}: {error}: {answer}"))
    }
}
