//! A place to run commands in: a directory, an environment, streams that are listened to.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use ferro_cli::{Exit, Stop, Surroundings, Terminals, run};
use ferro_core::Registry;
use tempfile::TempDir;
use tokio::{sync::watch, time::timeout};

/// A command that is still at it after this long waits for something that does not come.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A directory and an environment of its own.
pub(crate) struct Scene {
    directory: TempDir,
    vars: HashMap<String, String>,
    pub(crate) terminals: Terminals,
    pub(crate) registry: Registry,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What has been written so far, for whoever waits for more.
#[derive(Clone)]
pub(crate) struct Heard(watch::Receiver<String>);

struct Pen(watch::Sender<String>, Arc<Mutex<Vec<u8>>>);

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.1.lock().unwrap();
        all.extend_from_slice(bytes);
        self.0.send_replace(String::from_utf8_lossy(&all).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stream() -> (Box<dyn Write>, Heard) {
    let (sender, receiver) = watch::channel(String::new());
    (Box::new(Pen(sender, Arc::default())), Heard(receiver))
}

impl Heard {
    pub(crate) fn text(&self) -> String {
        self.0.borrow().clone()
    }

    /// Waits until something is said, and returns everything said so far.
    pub(crate) async fn until(&mut self, words: &str) -> String {
        let heard = self.0.wait_for(|text| text.contains(words));
        timeout(DEADLINE, heard).await.expect("it is said in time").unwrap().clone()
    }
}

impl Scene {
    /// An empty directory and an empty environment, with everything that a full build lists.
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
            vars: HashMap::new(),
            terminals: Terminals::default(),
            registry: ferro_builtins::registry(),
        }
    }

    /// The first kind of the build that one variable is enough for, and that variable: which one it
    /// is depends on what the build lists.
    pub(crate) fn simplest(&self) -> (&'static str, &'static str) {
        let kinds = self.registry.provider_factories().iter().map(|factory| factory.describe());
        let mut simple = kinds.filter_map(|kind| {
            let required: Vec<_> = kind.env.iter().filter(|variable| variable.required).collect();
            if let [only] = required[..] { Some((kind.kind, only.name)) } else { None }
        });
        simple.next().expect("every build has one")
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The surroundings of a command here, and what it will say: its result, and the rest.
    pub(crate) fn surroundings(&self, stop: Stop) -> (Surroundings, Heard, Heard) {
        let ((out, heard), (err, noted)) = (stream(), stream());
        let vars = self.vars.clone();
        let surroundings = Surroundings {
            environment: Arc::new(move |name| vars.get(name).cloned()),
            out,
            err,
            terminals: self.terminals,
            directory: self.directory.path().to_owned(),
            stop,
            hurry: Box::pin(std::future::pending()),
            again: Box::pin(futures_util::stream::pending()),
            owns_process: false,
        };
        (surroundings, heard, noted)
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, typed: &[&str]) -> Told {
        let (mut surroundings, out, err) = self.surroundings(Box::pin(std::future::pending()));
        let typed = ["ferrogw"].iter().chain(typed).copied().map(str::to_owned);
        let running = run(typed, self.registry.clone(), &mut surroundings);
        let exit = timeout(DEADLINE, running).await.expect("the command ends by itself");
        Told { exit, out: out.text(), err: err.text() }
    }
}
