//! `providers`: what this build can be configured to ask, and the variables that it reads for it.

use ferro_core::{Description, EnvVar};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Exit,
    exit::Failure,
    output::is_written,
    session::{GOOD, Session},
    table::table,
};

/// A kind of provider.
#[derive(Serialize)]
struct Kind {
    kind: &'static str,
    base_url: &'static str,
    surfaces: Value,
    env: Vec<Value>,
    /// Whether the environment alone says enough to use it.
    configured: bool,
}

pub(crate) fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let environment = session.around.environment.clone();
    let factories = session.registry.provider_factories().iter();
    let listed: Vec<_> = factories
        .map(|factory| (factory.describe(), factory.is_configured(&*environment)))
        .collect();
    let kinds: Vec<_> = listed.iter().map(|(kind, is_set)| described(kind, *is_set)).collect();
    let format = session.format();
    if is_written(&mut *session.around.out, format, &kinds)? {
        return Ok(Exit::Success);
    }
    let rows: Vec<_> =
        listed.iter().zip(&kinds).map(|((kind, _), shown)| row(kind, shown)).collect();
    session.say(table(["KIND", "SURFACES", "SET", "VARIABLES"], &rows).trim_end())?;
    let set = kinds.iter().filter(|kind| kind.configured).count();
    let count = session.painted(GOOD, &set.to_string());
    session.say(format_args!(
        "\n{} kinds, {count} of them configured by the environment. Variables in brackets may be \
         left out.",
        kinds.len()
    ))?;
    Ok(Exit::Success)
}

fn described(kind: &Description, configured: bool) -> Kind {
    let variable = |variable: &EnvVar| {
        let EnvVar { name, meaning, required } = *variable;
        json!({"name": name, "meaning": meaning, "required": required})
    };
    Kind {
        kind: kind.kind,
        base_url: kind.base_url,
        surfaces: json!(kind.surfaces),
        env: kind.env.iter().map(variable).collect(),
        configured,
    }
}

fn row(kind: &Description, shown: &Kind) -> [String; 4] {
    let variables = kind.env.iter().map(|variable| match variable.required {
        true => variable.name.to_owned(),
        false => format!("[{}]", variable.name),
    });
    let surfaces = shown.surfaces.as_array().into_iter().flatten().filter_map(Value::as_str);
    [
        kind.kind.to_owned(),
        surfaces.collect::<Vec<_>>().join(", "),
        if shown.configured { "yes" } else { "" }.to_owned(),
        variables.collect::<Vec<_>>().join(" "),
    ]
}
