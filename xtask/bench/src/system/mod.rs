//! The systems that are measured: the gateway in its configurations, the proxy that does nothing,
//! and whatever else stands on the machine or is given as a peer.

mod configs;
mod peer;
mod process;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

pub use peer::Peer;
pub use process::{Process, free_address};

use crate::{driver::Goal, machine::Cores};

/// The key that the driver shows the gateway.
const MASTER_KEY: &str = "sk-bench-0123456789abcdef";

/// A system under test.
#[derive(Clone, Debug)]
pub enum System {
    /// The driver asks the upstream itself.
    Direct,
    /// The proxy that does nothing.
    Nothing,
    /// The gateway.
    Gateway(Setup),
    /// nginx, with one worker.
    Nginx,
    /// `HAProxy`, with one thread.
    Haproxy,
    /// Something that already runs.
    Peer(Peer),
}

/// What is switched on in the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Setup {
    /// No key is asked for, and no record is written.
    Bare,
    /// A key, metrics, and a record of every request written to a file.
    Usual,
    /// The same, and nobody answers at the first target.
    DeadFirst,
    /// The same, and the target speaks another dialect than the clients.
    Converting,
}

impl Setup {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Usual, Self::Bare, Self::DeadFirst, Self::Converting];
}

/// Where things are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The gateway's binary.
    pub gateway: PathBuf,
    /// A folder for configurations and logs.
    pub scratch: PathBuf,
    /// Where the bundled upstream listens.
    pub upstream: SocketAddr,
    /// Which core runs what.
    pub cores: Cores,
}

impl System {
    /// Those that can be measured on this machine, besides peers.
    pub fn all() -> Vec<Self> {
        let mut systems = vec![
            Self::Direct,
            Self::Nothing,
            Self::Gateway(Setup::Usual),
            Self::Gateway(Setup::Bare),
        ];
        let is_installed = |name: &str| {
            let found = Command::new(name).arg("-v").output();
            found.is_ok_and(|output| output.status.success())
        };
        systems.extend(is_installed("nginx").then_some(Self::Nginx));
        systems.extend(is_installed("haproxy").then_some(Self::Haproxy));
        systems
    }

    /// Its name in tables.
    pub fn name(&self) -> &str {
        match self {
            Self::Direct => "direct",
            Self::Nothing => "nothing",
            Self::Gateway(Setup::Usual) => "gateway",
            Self::Gateway(Setup::Bare) => "gateway, bare",
            Self::Gateway(Setup::DeadFirst) => "gateway, first target dead",
            Self::Gateway(Setup::Converting) => "gateway, converting",
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Peer(peer) => &peer.name,
        }
    }

    /// Starts it in a process of its own and waits until it listens. A peer runs already.
    pub async fn start(&self, places: &Places) -> Result<Started, String> {
        let Places { gateway, scratch, upstream, cores } = places;
        let port = free_address()?;
        let mut command = match self {
            Self::Direct => return Ok(Started::outside(*upstream, None, None)),
            Self::Peer(peer) => {
                // On the core of all others; threads that it has started since are put there, too.
                cores.pin_system(peer.pid)?;
                return Ok(Started::outside(peer.address, Some(peer.pid), peer.header.clone()));
            }
            Self::Nothing => {
                let own = std::env::current_exe().map_err(|error| error.to_string())?;
                let mut command = pinned(cores.system, &own);
                command.args(["serve-nothing", &port.to_string(), &upstream.to_string()]);
                command
            }
            Self::Gateway(setup) => gateway_command(*setup, gateway, (places, port))?,
            Self::Nginx => {
                let config = scratch.join("nginx.conf");
                write(&config, &configs::nginx(port, *upstream, scratch))?;
                let mut command = pinned(cores.system, Path::new("nginx"));
                command.arg("-c").arg(&config);
                command
            }
            Self::Haproxy => {
                let config = scratch.join("haproxy.cfg");
                write(&config, &configs::haproxy(port, *upstream))?;
                let mut command = pinned(cores.system, Path::new("haproxy"));
                command.args(["-db", "-f"]).arg(&config);
                command
            }
        };
        let header = match self {
            Self::Gateway(_) => Some(format!("authorization: Bearer {MASTER_KEY}")),
            _ => None,
        };
        let log = scratch.join(format!("{}.log", self.name().replace([' ', ','], "-")));
        let process = Process::start(&mut command, &log, port).await?;
        let (pid, cold) = (Some(process.pid()), Some(process.cold));
        let goal = Goal { address: port, header };
        Ok(Started { goal, pid, cold, process: Some(process) })
    }
}

/// A system that listens.
#[derive(Debug)]
pub struct Started {
    /// Where requests go.
    pub goal: Goal,
    /// The process that is measured.
    pub pid: Option<u32>,
    /// From the start of the process to the first byte of an answer, in milliseconds.
    /// Unknown of one that ran already.
    pub cold: Option<f64>,
    process: Option<Process>,
}

impl Started {
    /// Sees it off, so that it has the time to write down what it has learnt.
    pub async fn end(self) -> Result<(), String> {
        match self.process {
            Some(process) => process.end().await,
            None => Ok(()),
        }
    }

    fn outside(address: SocketAddr, pid: Option<u32>, header: Option<String>) -> Self {
        Self { goal: Goal { address, header }, pid, cold: None, process: None }
    }
}

fn gateway_command(
    setup: Setup,
    binary: &Path,
    (places, address): (&Places, SocketAddr),
) -> Result<Command, String> {
    let config = places.scratch.join("gateway.yaml");
    let dead = match setup {
        Setup::DeadFirst => Some(free_address()?),
        Setup::Bare | Setup::Usual | Setup::Converting => None,
    };
    let kind = if setup == Setup::Converting { "anthropic" } else { "openai" };
    write(&config, &configs::gateway(kind, places.upstream, dead))?;
    let mut command = pinned(places.cores.system, binary);
    command.arg("--config").arg(&config).env_clear().env("PORT", address.port().to_string());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    match setup {
        Setup::Bare => command.env("ALLOW_UNAUTHENTICATED_PROXY", "true").env("LOG_LEVEL", "warn"),
        Setup::Usual | Setup::DeadFirst | Setup::Converting => {
            command.env("MASTER_KEY", MASTER_KEY)
        }
    };
    Ok(command)
}

/// A command that runs on one core. `taskset` becomes the program, so the process is the same.
pub fn pinned(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
