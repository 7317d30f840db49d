//! A child process that listens, and how long it took to.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

/// Far more than any start takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that was started here; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// From its start to the first byte of an answer, in milliseconds.
    pub cold: f64,
}

impl Process {
    /// Starts one, with its output in a file, and waits until it answers at an address.
    pub async fn start(command: &mut Command, log: &Path, at: SocketAddr) -> Result<Self, String> {
        let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let copy = file.try_clone().map_err(|error| error.to_string())?;
        command.stdin(Stdio::null()).stdout(file).stderr(copy);
        let begun = Instant::now();
        let name = format!("{command:?}");
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        let mut process = Self { child, cold: 0.0 };
        while begun.elapsed() < PATIENCE {
            if answers(at).await {
                process.cold = begun.elapsed().as_secs_f64() * 1e3;
                return Ok(process);
            }
            if let Ok(Some(status)) = process.child.try_wait() {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("{name} ended with {status}: {said}"));
            }
            sleep(Duration::from_micros(200)).await;
        }
        Err(format!("{name} does not answer at {at}; {} may say why", log.display()))
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(mut self) -> Result<(), String> {
        let id = self.pid().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        asked.map_err(|error| format!("kill: {error}"))?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.child.try_wait() {
                Ok(None) => sleep(Duration::from_millis(5)).await,
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("process {id} ended with {status}")),
                Err(error) => return Err(format!("process {id}: {error}")),
            }
        }
        Err(format!("process {id} does not end"))
    }

    /// Its id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself need not be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whether somebody answers a request there, whatever the answer is.
async fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let asked = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: bench\r\n\r\n").await;
    asked.is_ok() && stream.read(&mut [0; 1]).await.is_ok_and(|read| read == 1)
}

/// An address of this machine that nobody uses now.
pub fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}
