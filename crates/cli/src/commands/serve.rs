//! `serve`: the gateway, until it is told to stop.

use std::{io, mem, pin::pin, time::Duration};

use ferro_access::Doors;
use ferro_core::TargetId;
use ferro_gateway::{Config, Gateway, ReloadReport};
use futures_util::{FutureExt, StreamExt, stream};

use crate::{
    Exit,
    configuration::{self, Findings},
    exit::Failure,
    gateway,
    logging::Logging,
    port,
    session::Session,
    suggestion, variables,
};

pub(crate) async fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let (logging, doubts) = Logging::asked(session.around);
    if session.around.owns_process {
        logging.init().map_err(Failure::refused)?;
    }
    let mut again = mem::replace(&mut session.around.again, Box::pin(stream::pending()));
    // From here on the signal is listened to; one that comes so early asks for what is done anyway.
    let _early = again.next().now_or_never();
    let port = port::asked(session.around).map_err(Failure::Refused)?;
    let refusals = gateway::refusals(&session.around.environment);
    if !refusals.is_empty() {
        return Err(Failure::Refused(refusals.join("\n")));
    }
    let discovery = variables::discovery(session.around).map_err(Failure::Refused)?;
    let catalog = variables::catalog(session.around).map_err(Failure::Refused)?;
    let (doors, guarded) = gateway::guard(&session.around.environment)?;
    let gateway = match configured(session, doors, logging) {
        Ok(gateway) => gateway,
        Err(findings) => {
            session.report(&findings)?;
            return Ok(Exit::Failure);
        }
    };
    if let Some(every) = discovery {
        gateway.start_discovery(every).map_err(Failure::refused)?;
    }
    if let Some((place, patience)) = &catalog {
        gateway::keep_catalog(&gateway, (place, *patience)).map_err(Failure::Refused)?;
    }
    let banner = banner(session, &gateway, (logging, discovery));
    let warnings = [doubts, warnings(session, &gateway)].concat();
    let (server, address) = gateway::listen_everywhere(gateway.clone(), port).await?;
    session.note(format_args!("ferrogw {} listens on {address}", env!("CARGO_PKG_VERSION")))?;
    session.note(banner)?;
    session.note(format_args!("  /v1 is {guarded}"))?;
    for warning in warnings {
        session.warn(warning)?;
    }
    let stop = mem::replace(&mut session.around.stop, Box::pin(std::future::pending()));
    let mut serving = pin!(server.run(stop));
    loop {
        tokio::select! {
            // Nothing is lost with the arm that is dropped: it has only listened.
            () = &mut serving => return Ok(Exit::Success),
            // Whether anybody hears how it went is no reason to stop serving.
            Some(()) = again.next() => drop(read_again(session, &gateway)),
        }
    }
}

/// Puts the configuration to work as it is now; one that cannot be used changes nothing.
fn read_again(session: &mut Session<'_>, gateway: &Gateway) -> io::Result<()> {
    let read = config(session).and_then(|config| {
        gateway.reload(config).map_err(|error| Findings::of(gateway::reasons(&error)))
    });
    match read {
        Ok(report) => {
            session.note(format_args!("the configuration was read again: {}", changes(&report)))?;
            warnings(session, gateway).into_iter().try_for_each(|warning| session.warn(warning))
        }
        Err(findings) => {
            session.report(&findings)?;
            session.note("the configuration was read again and cannot be used: nothing changes")
        }
    }
}

fn changes(report: &ReloadReport) -> String {
    let ReloadReport { added, removed, changed, .. } = report;
    let of = |word: &str, targets: &[TargetId]| {
        let names: Vec<_> = targets.iter().map(TargetId::as_str).collect();
        (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
    };
    let told = [of("added", added), of("removed", removed), of("changed", changed)];
    let told: Vec<_> = told.into_iter().flatten().collect();
    if told.is_empty() { "the targets are the same".to_owned() } else { told.join("; ") }
}

/// What the file or the environment asks for.
fn config(session: &Session<'_>) -> Result<Config, Findings> {
    let (registry, environment) = (&session.registry, &session.around.environment);
    match session.config_file() {
        Some(file) => configuration::load(&file, session.options.strict, &session.registry),
        None => Ok(Config::from_environment(registry, &**environment)),
    }
}

/// The gateway that the file or the environment asks for.
fn configured(session: &Session<'_>, doors: Doors, logging: Logging) -> Result<Gateway, Findings> {
    let (registry, environment) = (&session.registry, &session.around.environment);
    let mut builder = gateway::builder(config(session)?, registry, environment).doors(doors);
    if let (true, Some(format)) = (session.around.owns_process, logging.records()) {
        builder = builder.log_records(io::stdout(), format);
    }
    gateway::build(builder).map_err(Findings::of)
}

fn banner(
    session: &Session<'_>,
    gateway: &Gateway,
    (logging, discovery): (Logging, Option<Duration>),
) -> String {
    let or_none = |names: Vec<String>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let config = gateway.config();
    let targets = gateway.providers().into_iter().map(|target| target.to_string());
    let plugins = configuration::plugins(&config).into_iter().filter(|(_, is_on)| *is_on);
    let mut lines = vec![
        format!("  targets: {}", or_none(targets.collect())),
        format!("  strategy: {}", config.strategy.mode),
        format!("  plugins: {}", or_none(plugins.map(|(name, _)| name).collect())),
        format!("  log: {logging}"),
    ];
    if let Some(every) = discovery {
        lines.push(format!("  models: vendors are asked for theirs every {every:?}"));
    }
    let mut inactive = configuration::inactive(&config);
    inactive.extend(variables::inactive(session.around));
    if !inactive.is_empty() {
        lines.push("  inactive, understood and without effect so far:".to_owned());
        lines.extend(inactive.iter().map(|key| format!("    {key}")));
    }
    lines.join("\n")
}

fn warnings(session: &Session<'_>, gateway: &Gateway) -> Vec<String> {
    let mut warnings = configuration::warnings(&gateway.config());
    warnings.extend(gateway::skipped(gateway));
    warnings.extend(gateway::doubts(&gateway.config()));
    if gateway.engine().targets().is_empty() {
        let variable = suggestion::of(&session.registry);
        let variable = variable.map_or("a provider's key", |kind| suggestion::variable(&kind));
        warnings.push(format!(
            "there is nobody to ask: set {variable}, or name targets in a file (`ferrogw init` \
             writes one)"
        ));
    }
    warnings
}
