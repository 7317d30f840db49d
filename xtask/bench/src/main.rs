//! `cargo xtask bench`: what the gateway costs, measured beside a proxy that does nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks")]

mod budget;
mod command;
mod options;
mod train;

use std::{env, net::SocketAddr, process::ExitCode};

use ferro_bench::{nothing, upstream};
use tokio::{net::TcpListener, runtime};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve-upstream", address] => serve_upstream(address),
        ["serve-nothing", address, upstream] => serve_nothing(address, upstream),
        ["--instructions", ref rest @ ..] => budget::run(rest),
        ["train", gateway] => train::run(gateway),
        _ => command::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn serve_upstream(address: &str) -> Result<(), String> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(said)?;
    runtime.block_on(async { upstream::serve(listen(address)?).await.map_err(said) })
}

/// On as many threads as it has cores, as the gateway.
fn serve_nothing(address: &str, upstream: &str) -> Result<(), String> {
    let upstream: SocketAddr = upstream.parse().map_err(said)?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(said)?;
    runtime.block_on(async { nothing::serve(listen(address)?, upstream).await.map_err(said) })
}

/// A listener whose queue is long enough for a thousand that connect at once.
fn listen(address: &str) -> Result<TcpListener, String> {
    const QUEUE: u32 = 4096;
    let socket = tokio::net::TcpSocket::new_v4().map_err(said)?;
    socket.set_reuseaddr(true).map_err(said)?;
    socket.bind(address.parse().map_err(said)?).map_err(said)?;
    socket.listen(QUEUE).map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
