//! What can be typed, and what it does.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use ferro_access::{Doors, Guard};
use ferro_core::Registry;
use ferro_gateway::{Config, Gateway, RecordFormat};
use ferro_server::{Server, told_to_stop};

/// One fast binary between applications and LLM vendors.
#[derive(Parser)]
#[command(name = "ferrogw", version)]
struct Arguments {
    /// The configuration file (.yaml, .yml or .json).
    #[arg(long, global = true, env = "GATEWAY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the gateway (what happens without a command).
    Serve,
    /// Start it with a scripted vendor, send two requests through it, and show the answers.
    Demo,
    /// Check a configuration file.
    Validate {
        /// The file.
        file: PathBuf,
    },
    /// Print the version.
    Version,
}

/// Runs the command that was typed, over what this build lists.
pub fn main(registry: Registry) -> ExitCode {
    // Existing charts pass the flag with one dash.
    let typed = std::env::args().map(|arg| match arg.strip_prefix("-config=") {
        Some(file) => format!("--config={file}"),
        None => arg,
    });
    let arguments = Arguments::parse_from(typed);
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(arguments, registry)),
        Err(error) => Err(error.to_string()),
    };
    result.map_or_else(
        |message| {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

async fn run(arguments: Arguments, registry: Registry) -> Result<(), String> {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(arguments.config, registry).await,
        Command::Demo => crate::demo::run(registry).await,
        Command::Validate { file } => {
            let config = Config::load(file).map_err(|error| error.to_string())?;
            Gateway::builder()
                .config(config)
                .registry(registry)
                .build()
                .map_err(|error| error.to_string())?;
            println!("✓ Config is valid");
            Ok(())
        }
        Command::Version => {
            println!("ferrogw {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    }
}

async fn serve(file: Option<PathBuf>, registry: Registry) -> Result<(), String> {
    let var = |name: &str| std::env::var(name).ok();
    let config = match file {
        Some(file) => Config::load(file).map_err(|error| error.to_string())?,
        None => Config::from_environment(&registry, &var),
    };
    let port = var("PORT").unwrap_or_else(|| "8080".to_owned());
    let port: u16 =
        port.parse().map_err(|_| format!("PORT is `{port}`: write a number up to 65535"))?;
    let (doors, guard) = Doors::from_vars(&var).map_err(|error| error.to_string())?;
    let told = match &guard {
        Guard::Open => "open to everybody (ALLOW_UNAUTHENTICATED_PROXY=true)".to_owned(),
        Guard::MasterKey => "closed: callers show MASTER_KEY".to_owned(),
        // The one place where a key is printed: whoever starts the process is to have it.
        Guard::Made(key) => format!("closed; a key was made, shown this once: {}", key.expose()),
    };
    let builder = Gateway::builder().config(config).registry(registry).doors(doors);
    let builder = builder.log_records(std::io::stdout(), RecordFormat::Json);
    let gateway = builder.build().map_err(|error| error.to_string())?;
    let targets: Vec<_> = gateway.engine().targets().iter().map(|t| t.id().to_string()).collect();
    let address = SocketAddr::from(([0, 0, 0, 0], port));
    let server = Server::bind(address, gateway)
        .await
        .map_err(|error| format!("{address} cannot be listened on: {error}"))?;
    eprintln!("ferrogw {} listens on :{port}", env!("CARGO_PKG_VERSION"));
    eprintln!("  targets: {}", if targets.is_empty() { "none".into() } else { targets.join(", ") });
    eprintln!("  /v1 is {told}");
    server.run(told_to_stop()).await;
    Ok(())
}
