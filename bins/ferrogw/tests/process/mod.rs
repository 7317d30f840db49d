//! The real binary as a child process, on a port of its own.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Far more than a start, a stop, or anything in between takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// Names the binary under test, where it is not the one that these tests were built with: they are
/// built quickly, and what they drive is built as it is shipped.
const BINARY: &str = "FERRO_TEST_BINARY";
/// The key that callers show.
pub(crate) const MASTER_KEY: &str = "sk-of-the-caller";

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    env::var_os(BINARY).map_or_else(|| env!("CARGO_BIN_EXE_ferrogw").into(), PathBuf::from)
}

/// A running gateway. Dropping it kills it.
pub(crate) struct Gateway {
    child: Child,
    address: SocketAddr,
    config: PathBuf,
    printed: watch::Receiver<Vec<String>>,
    /// Reads what it prints, so that it never waits for a full pipe.
    reading: JoinSet<()>,
}

impl Gateway {
    /// Starts one with a configuration in YAML, and waits until it listens.
    pub(crate) async fn start(config: &str) -> Result<Self, String> {
        Self::start_in(config, &[("MASTER_KEY", MASTER_KEY)]).await
    }

    /// The same, in an environment of these variables alone.
    pub(crate) async fn start_in(config: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        // Somebody may take the port between our letting go of it and the child's binding it.
        let mut last = String::new();
        for _ in 0..5 {
            match Self::try_start(config, variables).await {
                Ok(gateway) => return Ok(gateway),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn try_start(text: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let config = write_config(text)?;
        let address = free_address()?;
        let mut child = Command::new(binary())
            .arg("--config")
            .arg(&config)
            .env_clear()
            .envs(variables.iter().copied())
            .env("PORT", address.port().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let (lines, printed) = watch::channel(Vec::new());
        let mut reading = JoinSet::new();
        reading.spawn(keep(child.stdout.take().expect("it is piped"), lines.clone()));
        reading.spawn(keep(child.stderr.take().expect("it is piped"), lines));
        let mut gateway = Self { child, address, config, printed, reading };
        gateway.listens().await?;
        Ok(gateway)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    /// Tells it to stop, as an orchestrator does.
    pub(crate) async fn terminate(&self) {
        self.tell("-TERM").await;
    }

    /// Gives it another configuration, and tells it to read it.
    pub(crate) async fn reconfigure(&self, config: &str) {
        fs::write(&self.config, config).expect("it was written before");
        self.tell("-HUP").await;
    }

    async fn tell(&self, signal: &str) {
        let id = self.child.id().expect("it has not been waited for").to_string();
        let told = Command::new("kill").args([signal, &id]).status().await;
        assert!(told.is_ok_and(|status| status.success()), "no such process");
    }

    /// How it ended, and everything that it printed, once it has.
    pub(crate) async fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let ending = async {
            let status = self.child.wait().await;
            while self.reading.join_next().await.is_some() {}
            status
        };
        let status = timeout(DEADLINE, ending).await.expect("it ends in time");
        (status.expect("it was started"), self.printed())
    }

    /// Everything that it has printed, once these words are among it.
    pub(crate) async fn says(&self, words: &str) -> String {
        let mut printed = self.printed.clone();
        let said = printed.wait_for(|lines| lines.iter().any(|line| line.contains(words)));
        match timeout(DEADLINE, said).await {
            Ok(Ok(lines)) => lines.join("\n"),
            _ => panic!("nobody says {words}: {}", self.printed().join("\n")),
        }
    }

    fn printed(&self) -> Vec<String> {
        self.printed.borrow().clone()
    }

    /// Asks again and again: a process outside cannot say when it is ready but by being so.
    async fn listens(&mut self) -> Result<(), String> {
        let knocking = async {
            loop {
                if TcpStream::connect(self.address).await.is_ok() {
                    return Ok(());
                }
                if let Ok(Some(status)) = self.child.try_wait() {
                    return Err(format!("it ended at once ({status})"));
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        let listens = timeout(DEADLINE, knocking).await;
        let listens = listens.unwrap_or_else(|_| Err("it does not listen".to_owned()));
        listens.map_err(|error| format!("{error}: {}", self.printed().join("\n")))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // A file that stays behind harms nobody.
        drop(fs::remove_file(&self.config));
    }
}

async fn keep(from: impl AsyncRead + Unpin, lines: watch::Sender<Vec<String>>) {
    let mut from = BufReader::new(from).lines();
    while let Ok(Some(line)) = from.next_line().await {
        lines.send_modify(|lines| lines.push(line));
    }
}

fn write_config(text: &str) -> Result<PathBuf, String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("gateway-{}-{count}.yaml", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}
