//! `demo`: what a newcomer runs first. The gateway and a scripted vendor, both on real sockets, and
//! two requests through them.

mod exchange;

use std::{io, mem, net::Ipv4Addr};

use ferro_access::Keyring;
use ferro_core::{Registry, SurfaceKind};
use ferro_gateway::{Config, Format, Gateway};
use ferro_scripted::Upstream;
use ferro_server::{Doors, Server};
use serde_json::json;
use tokio::{sync::oneshot, task::JoinSet};

use self::exchange::Exchange;
use super::init::{key_of, placeholder};
use crate::{
    Exit,
    arguments::Demo,
    exit::Failure,
    port,
    session::{BAD, GOOD, Session},
};

/// The target's name, and the only model that it has.
const NAME: &str = "scripted";

pub(crate) async fn run(session: &mut Session<'_>, typed: &Demo) -> Result<Exit, Failure> {
    let stays = session.around.terminals.input && !typed.once;
    let vendor = Upstream::start().await.map_err(Failure::refused)?;
    let at = vendor.base_url();
    let gateway = gateway(&session.registry, &at)?;
    let server = bind(session, gateway).await?;
    let root = format!("http://{}/v1", server.address().map_err(Failure::refused)?);
    let (halt, halted) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(server.run(async { drop(halted.await) }));
    let mut stop = mem::replace(&mut session.around.stop, Box::pin(std::future::pending()));
    let told = tokio::select! {
        // Whoever is told to stop has no use for the answers: both arms may be dropped.
        told = show(session, &at, &root) => told?,
        () = &mut stop => return Ok(Exit::Success),
    };
    if told == Exit::Success {
        invite(session, &root, stays)?;
        if stays {
            stop.await;
        }
    }
    drop(halt);
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(Failure::refused)?.map_err(Failure::refused)?;
    }
    Ok(told)
}

/// A gateway with one target, the scripted vendor: an ordinary row, told where to go.
fn gateway(registry: &Registry, base_url: &str) -> Result<Gateway, Failure> {
    let listed = || registry.provider_factories().iter().map(|factory| factory.describe());
    let serves = || listed().filter(|kind| kind.surfaces.contains(&SurfaceKind::Chat));
    // Best a kind that lives wherever it is told to and asks for no variable.
    let is_free = |kind: &ferro_core::Description| {
        kind.base_url.is_empty() && kind.env.iter().all(|variable| !variable.required)
    };
    let kind = serves().find(is_free).or_else(|| serves().next());
    let kind = kind.ok_or_else(|| Failure::refused("this build has no provider that chats"))?;
    let target = json!({
        "virtual_key": NAME, "provider": kind.kind, "base_url": base_url,
        "api_key": "the-scripted-vendor-takes-any", "models": [NAME],
    });
    let text = json!({"targets": [target]}).to_string();
    let config = Config::parse(&text, Format::Json).map_err(Failure::refused)?;
    // Nothing that is set for real traffic has a say here.
    let builder = Gateway::builder(config, registry.clone()).environment(|_| None);
    builder.build().map_err(Failure::refused)
}

/// On the port that the gateway itself would take or, if that is taken, on any; for this machine
/// only, whose callers need no key.
async fn bind(session: &Session<'_>, gateway: Gateway) -> Result<Server, Failure> {
    let port = port::asked(session.around).map_err(Failure::Refused)?;
    let is_taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse);
    let port = if is_taken { 0 } else { port };
    let (_, keys) = Keyring::generate();
    let doors = Doors { keys, is_open_to_this_machine: true };
    let bound = Server::bind((Ipv4Addr::LOCALHOST, port).into(), gateway, doors).await;
    bound.map_err(|error| Failure::Refused(format!("port {port} cannot be listened on: {error}")))
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
                session.say(format_args!("  {tick} {}", exchange.verdict()))?;
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
    if let Some(kind) = placeholder(&session.registry) {
        let variable = key_of(&kind);
        session.say(format_args!(
            "\nWith a key of your own, start the gateway itself:\n\n  {variable}=… ferrogw"
        ))?;
    }
    session.around.out.flush()?;
    Ok(())
}
