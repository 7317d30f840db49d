//! A request's whole way inside one process on one thread, so that its instructions and its
//! allocations can be counted exactly.
//!
//! `ferro-bench-path SYSTEM LOAD COUNT` sends so many requests, one after the other, and prints how
//! many allocations they took; valgrind counts the instructions. The driver and the upstream are
//! part of both, so the same is done without anything between them, and taken off.
//!
//! `ferro-bench-path plan-50 MODE COUNT` selects a target among fifty so many times, and sends
//! nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the count")]

use std::{alloc::System, env, io, net::SocketAddr, process::ExitCode, time::Duration};

use ferro_bench::{
    Wish,
    driver::{Connection, Goal, Prepared},
    nothing, upstream,
};
use ferro_core::{
    Principal, RequestId, Secret,
    chat::{Chat, ChatRequest},
};
use ferro_engine::Caller;
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
        (Ok(runtime), ["plan-50", mode, count]) => runtime.block_on(async { plan(mode, count) }),
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
    built(&config)
}

fn built(config: &str) -> Result<Gateway, String> {
    let keys = Keyring::with_master(&Secret::from(KEY.to_owned()));
    Gateway::builder()
        .config(Config::parse(config, Format::Yaml).map_err(said)?)
        .registry(ferro_builtins::registry())
        .environment(|_| None)
        .doors(Doors::behind(keys))
        .log_records(io::sink(), RecordFormat::Json)
        .build()
        .map_err(said)
}

/// Selects a target among fifty that have the model, as the gateway does before it asks one.
fn plan(mode: &str, count: &str) -> Result<usize, String> {
    let count: usize = count.parse().map_err(said)?;
    let gateway = built(&among_fifty(mode))?;
    let body = r#"{"model":"m","messages":[{"role":"user","content":"a refund"}]}"#;
    let request = ChatRequest::parse(body.as_bytes().to_vec()).map_err(said)?;
    let caller =
        Caller { request_id: RequestId::from("r"), principal: Principal::ANONYMOUS, roll: 7 };
    let mut opened = gateway.engine().open_request::<Chat>(caller, request);
    let mut select = |times| (0..times).try_for_each(|_| opened.preview().map(drop));
    select(WARMING).map_err(|problem| problem.message)?;
    let region = Region::new(ALLOCATOR);
    select(count).map_err(|problem| problem.message)?;
    let change = region.change();
    Ok(change.allocations + change.reallocations)
}

/// Fifty targets with prices, and what each mode goes by: the last of many rules, and as many variants
/// as targets.
fn among_fifty(mode: &str) -> String {
    let each = |line: &dyn Fn(usize) -> String| (0..50).map(line).collect::<String>();
    let by = match mode {
        "conditional" => {
            let rule = |n| {
                let model = if n == 49 { "m" } else { "n" };
                format!("{{key: model, value: {model}, target_key: t{n}}}, ")
            };
            format!(", conditions: [{}]", each(&rule))
        }
        "content-based" => ", content_conditions: [{type: prompt_contains, value: refund, \
                            target_key: t49}]"
            .to_owned(),
        "ab-test" => {
            let variant = |n| format!("{{target_key: t{n}, label: l{n}}}, ");
            format!(", ab_variants: [{}]", each(&variant))
        }
        _ => String::new(),
    };
    let target = |n| {
        format!(
            "  - {{virtual_key: t{n}, provider: openai, api_key: sk-upstream, models: [m], \
             prices: {{m: {{input_per_m_tokens: {n}, output_per_m_tokens: 9}}}}}}\n"
        )
    };
    format!("strategy: {{mode: {mode}{by}}}\ntargets:\n{}", each(&target))
}

async fn listen() -> Result<TcpListener, String> {
    TcpListener::bind(("127.0.0.1", 0)).await.map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
