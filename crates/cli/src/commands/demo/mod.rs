//! `demo`: what a newcomer runs first. The gateway and a scripted vendor, both on real sockets, and
//! two requests through them.

mod exchange;

use std::{
    io, mem,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use ferro_core::{Description, Registry, SurfaceKind};
use ferro_gateway::{Config, Format};
use ferro_scripted::Upstream;
use ferro_server::Server;
use serde_json::json;
use tokio::{sync::oneshot, task::JoinSet};

use self::exchange::Exchange;
use crate::{
    Environment, Exit,
    arguments::Demo,
    exit::Failure,
    gateway, port,
    session::{BAD, GOOD, Session},
    suggestion,
};

/// The target's name, and the only model that it has.
const NAME: &str = "scripted";

pub(crate) async fn run(session: &mut Session<'_>, typed: &Demo) -> Result<Exit, Failure> {
    let stays = session.around.terminals.input && !typed.once;
    let vendor = Upstream::start().await.map_err(Failure::refused)?;
    let at = vendor.base_url();
    let (server, address) = listen(session, &at).await?;
    let root = format!("http://{address}/v1");
    let (halt, halted) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(async { drop(halted.await) }));
    let mut stop = mem::replace(&mut session.around.stop, Box::pin(std::future::pending()));
    let told = tokio::select! {
        // Whoever is told to stop has no use for the answers: both arms may be dropped.
        told = show(session, &at, &root) => told?,
        () = &mut stop => return Err(Failure::refused("stopped before both answers were there")),
    };
    if told == Exit::Success {
        invite(session, &root, stays)?;
        if stays {
            stop.await;
        }
    }
    drop(halt);
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(Failure::refused)?;
    }
    Ok(told)
}

/// On the port that the gateway itself would take or, if that is taken, on any; for this machine
/// only, whose callers need no key.
async fn listen(session: &Session<'_>, vendor: &str) -> Result<(Server, SocketAddr), Failure> {
    let port = port::asked(session.around).map_err(Failure::Refused)?;
    let is_taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, if is_taken { 0 } else { port }));
    let config = configuration(&session.registry, vendor)?;
    // Nothing that is set for real traffic has a say here.
    let nothing: Environment = Arc::new(|_| None);
    let builder = gateway::builder(config, &session.registry, &nothing);
    let built = gateway::build(builder.doors(gateway::open_to_this_machine()));
    let built = built.map_err(|errors| Failure::Refused(errors.join("\n")))?;
    gateway::listen(built, address).await
}

/// One target, the scripted vendor: an ordinary row, told where to go.
fn configuration(registry: &Registry, vendor: &str) -> Result<Config, Failure> {
    let listed = || registry.provider_factories().iter().map(|factory| factory.describe());
    let chats = || listed().filter(|kind| kind.surfaces.contains(&SurfaceKind::Chat));
    // Best a kind that lives wherever it is told to and asks for no variable.
    let is_free = |kind: &Description| {
        kind.base_url.is_empty() && kind.env.iter().all(|variable| !variable.required)
    };
    let kind = chats().find(is_free).or_else(|| chats().next());
    let kind = kind.ok_or_else(|| Failure::refused("this build has no provider that chats"))?;
    let target = json!({
        "virtual_key": NAME, "provider": kind.kind, "base_url": vendor,
        "api_key": "the-scripted-vendor-takes-any", "models": [NAME],
    });
    Config::parse(&json!({"targets": [target]}).to_string(), Format::Json).map_err(Failure::refused)
}

/// Asks twice, and shows what came of it.
async fn show(session: &mut Session<'_>, vendor: &str, gateway: &str) -> Result<Exit, Failure> {
    session.say(format_args!(
        "A scripted vendor answers at {vendor}, and the gateway at {gateway}."
    ))?;
    for exchange in [Exchange::Whole, Exchange::Streamed] {
        session.say(format_args!("\n{}", exchange.title()))?;
        let (request, passed_on) = (exchange.request(NAME), exchange.passed_on(NAME));
        session.say(format_args!("  > POST /v1/chat/completions {request}"))?;
        let said = exchange.ask(vendor, &passed_on).await.map_err(Failure::Refused)?;
        let heard = exchange.ask(gateway, &request).await.map_err(Failure::Refused)?;
        for line in heard.shown() {
            session.say(format_args!("  < {line}"))?;
        }
        match exchange.difference(&said, &heard, NAME) {
            None => {
                let tick = session.painted(GOOD, "✓");
                let text = heard.text();
                session.say(format_args!("  {tick} “{text}”: {}", exchange.verdict()))?;
            }
            Some(difference) => {
                let cross = session.painted(BAD, "✗");
                session.say(format_args!("  {cross} {difference}"))?;
                return Ok(Exit::Failure);
            }
        }
    }
    Ok(Exit::Success)
}

fn invite(session: &mut Session<'_>, root: &str, stays: bool) -> Result<(), Failure> {
    let body = Exchange::Whole.request(NAME);
    let intro = match stays {
        true => "The gateway goes on serving until Ctrl-C. Ask it yourself:",
        false => "In a terminal, `ferrogw demo` goes on serving. Ask it there:",
    };
    session.say(format_args!(
        "\n{intro}\n\n  curl {root}/chat/completions -H 'Content-Type: application/json' -d '{body}'"
    ))?;
    if let Some(kind) = suggestion::of(&session.registry) {
        let variable = suggestion::variable(&kind);
        session.say(format_args!(
            "\nWith a key of your own, start the gateway itself:\n\n  {variable}=… ferrogw"
        ))?;
    }
    session.around.out.flush()?;
    Ok(())
}
