//! `serve`: the gateway, until it is told to stop.

use std::{mem, net::SocketAddr};

use ferro_gateway::{Config, Gateway};
use ferro_server::Server;

use super::init::{key_of, placeholder};
use crate::{
    Exit, configuration,
    exit::Failure,
    logging::{self, Logging},
    port,
    session::Session,
};

pub(crate) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let (logging, doubts) = Logging::asked(session.around);
    logging::init(logging);
    let port = port::asked(session.around).map_err(Failure::Refused)?;
    let file = session.config_file();
    let environment = session.around.environment.clone();
    let strict = session.options.strict;
    let config = configuration::of(file.as_deref(), strict, &session.registry, &environment)
        .map_err(|errors| Failure::Refused(errors.join("\n  ")))?;
    let (doors, guarded) =
        ferro_server::doors(|name| environment(name)).map_err(Failure::Refused)?;
    let gateway = Gateway::builder(config, session.registry.clone())
        .environment(move |name| environment(name))
        .build()
        .map_err(Failure::refused)?;
    let banner = banner(&gateway, logging);
    let warnings = [doubts, warnings(session, &gateway)].concat();
    let address = SocketAddr::from(([0, 0, 0, 0], port));
    let cannot = |error| Failure::Refused(format!("{address} cannot be listened on: {error}"));
    let server = Server::bind(address, gateway, doors).await.map_err(cannot)?;
    let address = server.address().map_err(cannot)?;
    session.note(format_args!("ferrogw {} listens on {address}", env!("CARGO_PKG_VERSION")))?;
    session.note(banner)?;
    session.note(format_args!("  /v1 is {guarded}"))?;
    for warning in warnings {
        session.warn(warning)?;
    }
    let stop = mem::replace(&mut session.around.stop, Box::pin(std::future::pending()));
    server.run(stop).await.map_err(Failure::refused)?;
    Ok(Exit::Success)
}

fn banner(gateway: &Gateway, logging: Logging) -> String {
    let or_none = |names: Vec<String>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let config: &Config = gateway.config();
    let targets = gateway.engine().targets().iter().map(|target| target.id().to_string());
    let plugins = configuration::plugins(config).into_iter().filter(|(_, is_on)| *is_on);
    let mut lines = vec![
        format!("  targets: {}", or_none(targets.collect())),
        format!("  strategy: {}", config.strategy.mode),
        format!("  plugins: {}", or_none(plugins.map(|(name, _)| name).collect())),
        format!("  log: {logging}"),
    ];
    let inactive = configuration::inactive(config);
    if !inactive.is_empty() {
        let keys = inactive.join(", ");
        lines.push(format!("  inactive: {keys} (understood, and without effect so far)"));
    }
    lines.join("\n")
}

fn warnings(session: &Session<'_>, gateway: &Gateway) -> Vec<String> {
    let mut warnings = configuration::warnings(gateway.config());
    if gateway.engine().targets().is_empty() {
        let variable = placeholder(&session.registry).map_or("a provider's key", |k| key_of(&k));
        warnings.push(format!(
            "there is nobody to ask: set {variable}, or name targets in a file (`ferrogw init` \
             writes one)"
        ));
    }
    warnings
}
