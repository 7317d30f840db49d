//! `providers`: what this build can be configured to ask, the variables that it reads for it, and by
//! what each was tried.

use ferro_core::{Description, EnvVar, Fixtures, SurfaceKind, Tried, Way};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Exit,
    arguments::Providers,
    exit::Failure,
    output::is_written,
    session::{GOOD, Session},
    table::{folded, table},
};

/// A kind of provider.
#[derive(Serialize)]
struct Kind {
    kind: &'static str,
    base_url: &'static str,
    surfaces: Vec<&'static str>,
    env: Vec<Value>,
    /// Whether the environment alone says enough to use it.
    configured: bool,
    /// By what it was tried, if this build knows.
    tested: Option<Tried>,
}

pub(crate) fn run(session: &mut Session<'_>, asked: &Providers) -> Result<Exit, Failure> {
    match &asked.kind {
        Some(kind) => one(session, kind),
        None => all(session),
    }
}

fn all(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let listed = session.registry.provider_factories().iter().map(|factory| factory.describe());
    let listed: Vec<Description> = listed.collect();
    let kinds: Vec<_> = listed.iter().map(|kind| described(session, kind)).collect();
    let format = session.format();
    if is_written(&mut *session.around.out, format, &kinds)? {
        return Ok(Exit::Success);
    }
    let rows: Vec<_> = listed.iter().zip(&kinds).map(|(kind, shown)| row(kind, shown)).collect();
    session.say(table(["KIND", "SURFACES", "SET", "TESTED", "NEEDS"], &rows).trim_end())?;
    let set = kinds.iter().filter(|kind| kind.configured).count();
    let count = session.painted(GOOD, &set.to_string());
    session.say(format_args!(
        "\n{} kinds, {count} of them configured by the environment.\nTESTED: fixtures of its own + \
         those it shares; * where the vendor's own library judges what is sent.\nNEEDS: variables \
         without which it is not configured. `ferrogw providers KIND` tells the others.",
        kinds.len()
    ))?;
    Ok(Exit::Success)
}

fn one(session: &mut Session<'_>, kind: &str) -> Result<Exit, Failure> {
    let factory = session.registry.provider(kind).map_err(Failure::refused)?;
    let description = factory.describe();
    let shown = described(session, &description);
    let format = session.format();
    if is_written(&mut *session.around.out, format, &shown)? {
        return Ok(Exit::Success);
    }
    let heading = session.painted(GOOD, shown.kind);
    session.say(heading)?;
    let root = match shown.base_url {
        "" => "`base_url` of the target",
        url => url,
    };
    let configured = if shown.configured { "by the environment" } else { "no" };
    let variables = description.env.iter().map(told).collect();
    for (title, lines) in [
        ("API root", vec![root.to_owned()]),
        ("Serves", vec![shown.surfaces.join(", "), besides(&description)]),
        ("Configured", vec![configured.to_owned()]),
        ("Variables", variables),
        ("Fixtures", shown.tested.as_ref().map(fixtures).unwrap_or_default()),
        ("Judged by", shown.tested.map(|tried| vec![tried.oracles.join(", ")]).unwrap_or_default()),
    ] {
        for (index, line) in lines.iter().filter(|line| !line.is_empty()).enumerate() {
            let title = if index == 0 { title } else { "" };
            session.say(format_args!("{title:10} {line}"))?;
        }
    }
    Ok(Exit::Success)
}

fn described(session: &Session<'_>, kind: &Description) -> Kind {
    let variable = |variable: &EnvVar| {
        let EnvVar { name, meaning, required } = *variable;
        json!({"name": name, "meaning": meaning, "required": required})
    };
    Kind {
        kind: kind.kind,
        base_url: kind.base_url,
        surfaces: kind.surfaces.iter().map(|surface| surface.as_str()).collect(),
        env: kind.env.iter().map(variable).collect(),
        configured: session
            .registry
            .provider(kind.kind)
            .is_ok_and(|factory| factory.is_configured(&*session.around.environment)),
        tested: session.registry.tried(kind.kind).copied(),
    }
}

/// The widths of the cells that have many words: with the others a line fits a terminal of a hundred
/// columns.
const SURFACES: usize = 26;
const NEEDS: usize = 30;

fn row(kind: &Description, shown: &Kind) -> [String; 5] {
    let tested = shown.tested.as_ref().map(|Tried { own, shared, oracles, .. }| {
        let star = if oracles.is_empty() { "" } else { "*" };
        format!("{}+{}{star}", own.total(), shared.total())
    });
    [
        kind.kind.to_owned(),
        folded(shown.surfaces.iter().copied(), SURFACES),
        if shown.configured { "yes" } else { "" }.to_owned(),
        tested.unwrap_or_else(|| "-".to_owned()),
        folded(kind.env.iter().filter(|var| var.required).map(|var| var.name), NEEDS),
    ]
}

/// What it serves in the words of what it has.
fn besides(kind: &Description) -> String {
    let over = |surface: &SurfaceKind| match kind.way(*surface)? {
        Way::Over(other) => Some(format!("{} over {}", surface.as_str(), other.as_str())),
        Way::Own => None,
    };
    SurfaceKind::ALL.iter().filter_map(over).collect::<Vec<_>>().join(", ")
}

fn told(variable: &EnvVar) -> String {
    let EnvVar { name, meaning, required } = variable;
    let name = if *required { (*name).to_owned() } else { format!("[{name}]") };
    format!("{name}: {meaning}")
}

fn fixtures(tried: &Tried) -> Vec<String> {
    let told = |what: &str, fixtures: &Fixtures| {
        let Fixtures { document, sdk, recorded, constructed, .. } = *fixtures;
        let by = [
            (document, "of documents"),
            (sdk, "of official libraries"),
            (recorded, "recorded"),
            (constructed, "constructed"),
        ];
        let by = by.iter().filter(|(count, _)| *count > 0);
        let by: Vec<_> = by.map(|(count, from)| format!("{count} {from}")).collect();
        match fixtures.total() {
            0 => String::new(),
            total => format!("{total} {what}: {}", by.join(", ")),
        }
    };
    vec![told("of its own", &tried.own), told("shared", &tried.shared)]
}
