//! A request's whole way inside one process on one thread, so that its instructions and its
//! allocations can be counted exactly.
//!
//! `ferro-bench-path SYSTEM LOAD COUNT` sends so many requests, one after the other, and prints how
//! many allocations they took; valgrind counts the instructions. The driver and the upstream are
//! part of both, so the same is done without anything between them, and taken off.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the count")]

use std::{alloc::System, env, io, net::SocketAddr, process::ExitCode, time::Duration};

use ferro_bench::{
    Wish,
    driver::{Connection, Goal, Prepared},
    nothing, upstream,
};
use ferro_core::Secret;
use ferro_gateway::{Config, Doors, Format, Gateway, Keyring, RecordFormat};
use ferro_server::Server;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::{net::TcpListener, task::JoinSet};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEY: &str = "sk-bench-0123456789abcdef";
/// Requests before anything is counted: connections are open and buffers are grown.
const WARMING: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match (runtime, &arguments[..]) {
        (Ok(runtime), [system, load, count]) => runtime.block_on(run(system, load, count)),
        _ => Err("SYSTEM LOAD COUNT".to_owned()),
    };
    match done {
        Ok(allocations) => {
            println!("{allocations}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(system: &str, load: &str, count: &str) -> Result<usize, String> {
    let wish = match load {
        "whole" | "body" => Wish::SMALL,
        "stream" => Wish::stream(64, 1, Duration::ZERO),
        "burst" => Wish::stream(64, 16, Duration::ZERO),
        other => return Err(format!("`{other}` is none of whole, body, stream, burst")),
    };
    let prompt = if load == "body" { 100_000 } else { 400 };
    let count: usize = count.parse().map_err(said)?;
    let mut tasks = JoinSet::new();
    let upstream = listen().await?;
    let behind = upstream.local_addr().map_err(said)?;
    tasks.spawn(async move { drop(upstream::serve(upstream).await) });
    let address = start(system, behind, wish, &mut tasks).await?;
    let goal = Goal { address, header: Some(format!("authorization: Bearer {KEY}")) };
    let request = Prepared::new(&goal, wish, prompt);
    let mut connection = Connection::open(address).await?;
    for _ in 0..WARMING {
        request.send(&mut connection, |_, _| ()).await?;
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..count {
        request.send(&mut connection, |_, _| ()).await?;
    }
    let change = region.change();
    Ok(change.allocations + change.reallocations)
}

/// What stands between the driver and the upstream; where it listens.
async fn start(
    system: &str,
    upstream: SocketAddr,
    wish: Wish,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, String> {
    match system {
        "direct" => Ok(upstream),
        "nothing" => {
            let listener = listen().await?;
            let address = listener.local_addr().map_err(said)?;
            tasks.spawn(async move { drop(nothing::serve(listener, upstream).await) });
            Ok(address)
        }
        "gateway" => {
            let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway(upstream, wish)?).await;
            let server = server.map_err(said)?;
            let address = server.address().map_err(said)?;
            tasks.spawn(server.run(std::future::pending()));
            Ok(address)
        }
        other => Err(format!("`{other}` is none of direct, nothing, gateway")),
    }
}

/// The gateway as it is shipped: a key is asked for, and every request is recorded.
fn gateway(upstream: SocketAddr, wish: Wish) -> Result<Gateway, String> {
    let model = wish.model();
    let config = format!(
        "targets:\n  - {{virtual_key: bench, provider: openai, base_url: 'http://{upstream}/v1', \
         api_key: sk-upstream, models: [{model}]}}\n"
    );
    let keys = Keyring::with_master(&Secret::from(KEY.to_owned()));
    Gateway::builder()
        .config(Config::parse(&config, Format::Yaml).map_err(said)?)
        .registry(ferro_builtins::registry())
        .environment(|_| None)
        .doors(Doors::behind(keys))
        .log_records(io::sink(), RecordFormat::Json)
        .build()
        .map_err(said)
}

async fn listen() -> Result<TcpListener, String> {
    TcpListener::bind(("127.0.0.1", 0)).await.map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
