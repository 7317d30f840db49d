//! From what was typed to how it ended.

use std::{ffi::OsString, io, process::ExitCode};

use clap::{CommandFactory as _, error::Error as Mistyped};
use ferro_core::Registry;

use crate::{
    Exit, Surroundings,
    arguments::{Arguments, Command},
    commands,
    exit::Failure,
    runtime::runtime,
    session::Session,
};

/// Runs the command that was typed, over what this build lists, in the process's own surroundings.
pub fn main(registry: Registry) -> ExitCode {
    let mut surroundings = Surroundings::of_process();
    match runtime() {
        Ok(runtime) => {
            let exit = runtime.block_on(run(std::env::args_os(), registry, &mut surroundings));
            // What is still blocked, as on the name of a host, concerns nobody any more.
            runtime.shutdown_background();
            exit.into()
        }
        Err(error) => {
            // Nobody is left to tell if this cannot be written either.
            drop(writeln!(surroundings.err, "error: there is no runtime: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command in the surroundings given. `typed` begins with the program's name. Belongs into a
/// runtime with I/O and time.
///
/// # Cancel safety
///
/// Dropping the future stops the command where it stands, and with it everything it started.
pub async fn run(
    typed: impl IntoIterator<Item = impl Into<OsString>>,
    registry: Registry,
    surroundings: &mut Surroundings,
) -> Exit {
    let arguments = match Arguments::read(typed) {
        Ok(arguments) => arguments,
        Err(mistyped) => return explain(&mistyped, surroundings),
    };
    let mut session = Session { registry, options: arguments.options, around: surroundings };
    let ended = match arguments.command.or(UNLESS_SAID) {
        Some(command) => dispatch(command, &mut session).await,
        None => help(&mut session),
    };
    conclude(ended, &mut session)
}

async fn dispatch(command: Command, session: &mut Session<'_>) -> Result<Exit, Failure> {
    command.refuse_unused(&session.options)?;
    #[cfg(feature = "serve")]
    let hurry = std::mem::replace(&mut session.around.hurry, Box::pin(std::future::pending()));
    match command {
        #[cfg(feature = "serve")]
        Command::Serve => unless_hurried(hurry, commands::serve::run(session)).await,
        #[cfg(feature = "demo")]
        Command::Demo(demo) => unless_hurried(hurry, commands::demo::run(session, &demo)).await,
        Command::Init(init) => commands::init::run(session, &init),
        Command::Validate(validate) => commands::validate::run(session, validate),
        Command::Doctor(doctor) => commands::doctor::run(session, doctor).await,
        Command::Explain(explain) => commands::explain::run(session, &explain).await,
        Command::Providers(asked) => commands::providers::run(session, &asked),
        Command::Version => commands::version::run(session),
    }
}

/// A command that goes on serving, unless somebody does not want to wait for its end.
#[cfg(feature = "serve")]
async fn unless_hurried(
    hurry: crate::Stop,
    serving: impl Future<Output = Result<Exit, Failure>>,
) -> Result<Exit, Failure> {
    tokio::select! {
        // The command listens for the first signal before anybody counts two.
        biased;
        ended = serving => ended,
        // Whatever is under way is meant to be dropped.
        () = hurry => Err(Failure::refused("told to stop twice: what was under way is broken off")),
    }
}

/// What happens without a command. A build without a server shows what can be typed.
const UNLESS_SAID: Option<Command> = {
    #[cfg(feature = "serve")]
    let command = Some(Command::Serve);
    #[cfg(not(feature = "serve"))]
    let command = None;
    command
};

fn help(session: &mut Session<'_>) -> Result<Exit, Failure> {
    session.say(Arguments::command().render_help())?;
    Ok(Exit::Success)
}

fn conclude(ended: Result<Exit, Failure>, session: &mut Session<'_>) -> Exit {
    let (heard, exit) = match ended {
        Ok(exit) => (Ok(()), exit),
        Err(Failure::Usage(message)) => {
            let hint = "for what can be typed, see --help";
            (session.complain(format_args!("{message}; {hint}")), Exit::Usage)
        }
        Err(Failure::Refused(message)) => (session.complain(message), Exit::Failure),
        // Whoever reads has seen enough, as `head` does, and a signal would have ended us.
        Err(Failure::Unheard(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            (Ok(()), Exit::Failure)
        }
        Err(Failure::Unheard(error)) => (session.complain(error), Exit::Failure),
    };
    let flushed = heard.and_then(|()| session.around.out.flush());
    match flushed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::Failure,
        _ => exit,
    }
}

/// Help and the version are asked for and go to the result; everything else is a mistake.
fn explain(mistyped: &Mistyped, surroundings: &mut Surroundings) -> Exit {
    let is_mistake = mistyped.use_stderr();
    let (stream, is_terminal) = match is_mistake {
        true => (&mut surroundings.err, surroundings.terminals.error),
        false => (&mut surroundings.out, surroundings.terminals.output),
    };
    let is_coloured =
        is_terminal && (surroundings.environment)("NO_COLOR").is_none_or(|value| value.is_empty());
    let text = mistyped.render();
    // Nobody is left to tell if this cannot be written.
    drop(match is_coloured {
        true => write!(stream, "{}", text.ansi()),
        false => write!(stream, "{text}"),
    });
    drop(stream.flush());
    if is_mistake { Exit::Usage } else { Exit::Success }
}
