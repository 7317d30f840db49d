//! `doctor`: what the gateway will find on this machine, before it is started, or why it does not
//! answer.

mod gateway;
mod machine;

use ferro_core::EnvVar;
use serde::Serialize;
use serde_json::json;

use crate::{
    Exit,
    arguments::Doctor,
    configuration,
    exit::Failure,
    output::is_written,
    session::{BAD, DOUBTFUL, GOOD, Session},
    variables,
};

/// What was looked at, and how it stands.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Warning,
    Failed,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, detail: detail.into() }
    }

    fn warning(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Warning, detail: detail.into() }
    }

    fn failed(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Failed, detail: detail.into() }
    }
}

pub(crate) async fn run(session: &mut Session<'_>, typed: Doctor) -> Result<Exit, Failure> {
    let url = typed.gateway_url.or_else(|| session.around.var("FERROGW_URL"));
    let (gateway, clock_there) = match url {
        Some(url) => gateway::asked_for(&url).await,
        None => gateway::on_this_machine(session.around).await,
    };
    let checks = [
        variables(session),
        configured(session),
        settings(session),
        gateway,
        machine::proxies(session.around),
        machine::descriptors(),
        machine::clock(clock_there),
    ];
    let is_healthy = checks.iter().all(|check| check.status != Status::Failed);
    let format = session.format();
    let result = json!({"healthy": is_healthy, "checks": checks});
    if !is_written(&mut *session.around.out, format, &result)? {
        for check in &checks {
            show(session, check)?;
        }
    }
    Ok(if is_healthy { Exit::Success } else { Exit::Failure })
}

fn show(session: &mut Session<'_>, check: &Check) -> Result<(), Failure> {
    let sign = match check.status {
        Status::Ok => session.painted(GOOD, "✓"),
        Status::Warning => session.painted(DOUBTFUL, "!"),
        Status::Failed => session.painted(BAD, "✗"),
    };
    let mut lines = check.detail.lines();
    let first = lines.next().unwrap_or_default();
    session.say(format_args!("{sign} {:<11} {first}", check.name))?;
    for line in lines {
        session.say(format_args!("  {:<11} {line}", ""))?;
    }
    Ok(())
}

/// Which providers the environment configures. Names only: what a variable holds is nobody's
/// business.
fn variables(session: &Session<'_>) -> Check {
    let is_set = |name: &str| session.around.var(name).is_some();
    let (mut complete, mut partial) = (Vec::new(), Vec::new());
    for factory in session.registry.provider_factories() {
        let kind = factory.describe();
        let (set, unset): (Vec<EnvVar>, Vec<EnvVar>) =
            kind.env.iter().partition(|variable| is_set(variable.name));
        let missing: Vec<_> = unset.iter().filter(|v| v.required).map(|v| v.name).collect();
        let set: Vec<_> = set.iter().map(|variable| variable.name).collect();
        if set.is_empty() {
            continue;
        }
        match missing.is_empty() {
            true => complete.push(format!("{} ({})", kind.kind, set.join(", "))),
            false => partial.push(format!(
                "{}: {} is set, {} is missing",
                kind.kind,
                set.join(", "),
                missing.join(", ")
            )),
        }
    }
    let is_doubtful = complete.is_empty() || !partial.is_empty();
    let lines = [complete, partial].concat();
    match (lines.is_empty(), is_doubtful) {
        (true, _) => {
            Check::warning("providers", "no provider's variables are set (see `ferrogw providers`)")
        }
        (false, false) => Check::ok("providers", lines.join("\n")),
        (false, true) => Check::warning("providers", lines.join("\n")),
    }
}

fn configured(session: &Session<'_>) -> Check {
    let environment = &session.around.environment;
    let Some(file) = session.config_file() else {
        return Check::ok("config", "no file: the targets come from the environment");
    };
    let shown = file.display();
    let broken =
        |errors: Vec<String>| Check::failed("config", format!("{shown}\n{}", errors.join("\n")));
    let config = match configuration::load(&file, session.options.strict, &session.registry) {
        Ok(config) => config,
        Err(findings) => return broken(findings.errors),
    };
    let findings = configuration::check(&config, &session.registry, environment);
    let warnings = [findings.warnings, findings.inactive].concat();
    match (findings.errors.is_empty(), warnings.is_empty()) {
        (false, _) => broken(findings.errors),
        (true, false) => Check::warning("config", format!("{shown}\n{}", warnings.join("\n"))),
        (true, true) => Check::ok("config", format!("{shown} is valid")),
    }
}

/// What the variables ask for that steer the gateway itself.
fn settings(session: &Session<'_>) -> Check {
    let around = &*session.around;
    let mut refused = crate::gateway::refusals(&around.environment);
    refused.extend(variables::discovery(around).err());
    refused.extend(variables::catalog(around).err());
    let inactive = variables::inactive(around);
    match (refused.is_empty(), inactive.is_empty()) {
        (false, _) => Check::failed("settings", [refused, inactive].concat().join("\n")),
        (true, false) => Check::warning("settings", inactive.join("\n")),
        (true, true) => Check::ok("settings", "every variable that is set is served"),
    }
}
