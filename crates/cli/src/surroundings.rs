//! What a command reads and writes besides files: the environment, the terminal, the signal to stop.

use std::{
    env, fmt,
    io::{self, IsTerminal as _, Write},
    path::PathBuf,
    pin::Pin,
    sync::Arc,
};

use futures_util::Stream;

/// The environment, as a function of a variable's name.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Done when a command that goes on serving is told to stop.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An item each time that a command that goes on serving is told to read its configuration again.
pub type Again = Pin<Box<dyn Stream<Item = ()> + Send>>;

/// Everything around a command.
pub struct Surroundings {
    /// The environment.
    pub environment: Environment,
    /// Where results go.
    pub out: Box<dyn Write>,
    /// Where everything else goes: banners, warnings, errors.
    pub err: Box<dyn Write>,
    /// Which of the standard streams are terminals.
    pub terminals: Terminals,
    /// The directory that relative paths start from; empty for the process's own, so that paths are
    /// shown as they were typed.
    pub directory: PathBuf,
    /// Done when a command that goes on serving is told to stop.
    pub stop: Stop,
    /// Done when that command is told a second time, and is not to wait for what is under way.
    pub hurry: Stop,
    /// An item each time that that command is told to read its configuration again.
    pub again: Again,
    /// Whether the process is the command's alone. Only then does it set up a log, of which a process
    /// has one.
    pub owns_process: bool,
}

/// Which of the standard streams are terminals. Where there is none, nothing is coloured, and a
/// command that would wait for somebody to stop it does not.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Terminals {
    /// Standard input.
    pub input: bool,
    /// Standard output.
    pub output: bool,
    /// Standard error.
    pub error: bool,
}

impl Surroundings {
    /// The process's own.
    pub fn of_process() -> Self {
        Self {
            environment: Arc::new(|name| env::var(name).ok()),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            terminals: Terminals {
                input: io::stdin().is_terminal(),
                output: io::stdout().is_terminal(),
                error: io::stderr().is_terminal(),
            },
            directory: PathBuf::new(),
            stop: told_to_stop(),
            hurry: told_to_hurry(),
            again: told_to_read_again(),
            owns_process: true,
        }
    }

    /// A variable that is set to something.
    pub(crate) fn var(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }
}

#[cfg(feature = "serve")]
fn told_to_stop() -> Stop {
    Box::pin(ferro_server::told_to_stop())
}

/// Without a server no command waits for it.
#[cfg(not(feature = "serve"))]
fn told_to_stop() -> Stop {
    Box::pin(std::future::pending())
}

#[cfg(feature = "serve")]
fn told_to_hurry() -> Stop {
    Box::pin(ferro_server::told_to_hurry())
}

#[cfg(not(feature = "serve"))]
fn told_to_hurry() -> Stop {
    Box::pin(std::future::pending())
}

#[cfg(feature = "serve")]
fn told_to_read_again() -> Again {
    Box::pin(ferro_server::told_to_read_again())
}

#[cfg(not(feature = "serve"))]
fn told_to_read_again() -> Again {
    Box::pin(futures_util::stream::pending())
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("terminals", &self.terminals)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
