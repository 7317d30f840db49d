//! What a factory says of itself is so, and what it refuses it names.

use ferro_core::{Built, Description, Origin, ProviderFactory, Settings};
use serde_json::{Map, Value};

use super::{Suited, Verdict, ensure};
use crate::{
    Answer, Script, Sent,
    bench::{Ask, Bench, Target, request},
    environment::{Environment, PLACE},
    heard::excerpt,
    surfaces,
};

/// A law of a factory as such, whatever it serves.
pub(crate) struct FactoryLaw {
    pub(crate) name: &'static str,
    pub(crate) check: fn(&'static dyn ProviderFactory) -> Verdict,
}

macro_rules! factory_laws {
    ($($law:ident),+ $(,)?) => {
        &[$(FactoryLaw { name: stringify!($law), check: $law }),+]
    };
}

/// The laws of every factory.
pub(crate) const LAWS: &[FactoryLaw] = factory_laws![
    claims_and_accessors_agree,
    unknown_settings_are_refused_by_name,
    a_missing_variable_is_named,
    both_forms_of_a_base_url_reach_the_same_path,
    a_base_url_with_a_query_or_a_fragment_is_refused,
];

type Factory = &'static dyn ProviderFactory;

fn build(factory: Factory, environment: &Environment) -> Result<Built, String> {
    environment.build(factory).map_err(|error| error.to_string())
}

fn claims_and_accessors_agree(factory: Factory) -> Verdict {
    let description = factory.describe();
    let built = build(factory, &Environment::complete(&description))?;
    ensure!(!description.surfaces.is_empty(), "it claims to serve nothing");
    for (kind, serves) in surfaces::served(&*built.provider) {
        let claims = description.way(kind);
        ensure!(claims == serves, "{kind:?}: claimed {claims:?}, served {serves:?}");
    }
    Ok(())
}

fn unknown_settings_are_refused_by_name(factory: Factory) -> Verdict {
    const NAME: &str = "conformance_unknown";
    let settings = Settings(Map::from_iter([(NAME.to_owned(), Value::from(1))]));
    let environment = Environment::complete(&factory.describe()).with_settings(settings);
    let error = environment.build(factory).err().ok_or("an unknown setting is taken")?;
    ensure!(error.message.contains(NAME), "the setting is not named: {error}");
    Ok(())
}

fn a_missing_variable_is_named(factory: Factory) -> Verdict {
    let description = factory.describe();
    let complete = Environment::complete(&description);
    for var in description.env.iter().filter(|var| var.required) {
        let name = var.name;
        for environment in [complete.clone().without_var(name), complete.clone().with_var(name, "")]
        {
            let error = match environment.build(factory) {
                Ok(built) if is_at_home(&built, &description) => continue,
                Ok(_) => return Err(format!("{name} is required, but not missed")),
                Err(error) => error,
            };
            ensure!(error.message.contains(name), "{name} is missing, and not named: {error}");
        }
    }
    if description.env.is_empty() && description.base_url.is_empty() {
        let error = complete.with_base_url(None).build(factory).err();
        let error = error.ok_or("it lives nowhere, and is built")?;
        ensure!(
            error.message.contains("base_url"),
            "`base_url` is missing, and not named: {error}"
        );
    }
    Ok(())
}

/// Whether what is built lives where its kind does unless told otherwise: a place that has to be said
/// for the environment to configure a kind need not be said again for a target of it.
fn is_at_home(built: &Built, description: &Description) -> bool {
    Origin::split(description.base_url).is_ok_and(|(home, _)| home == built.origin)
}

/// A base URL is the API root; or what older configurations have: the root without its version, or
/// a host alone. Written into the target or a variable, with a slash at its end or without.
fn both_forms_of_a_base_url_reach_the_same_path(factory: Factory) -> Verdict {
    let description = factory.describe();
    let complete = Environment::complete(&description);
    let usual = path(factory, &complete)?;
    let root = description.base_url;
    if !root.is_empty() && !root.contains('{') {
        let mut forms = vec![(root.to_owned(), usual.clone()), (format!("{root}/"), usual.clone())];
        if let Some((older, version)) = root.rsplit_once('/').filter(|(_, last)| is_version(last)) {
            forms.push((older.to_owned(), usual.clone()));
            forms.push((format!("{older}/"), usual.clone()));
            let end = usual.rsplit_once(&format!("/{version}/")).map_or("", |(_, end)| end);
            forms.push((PLACE.to_owned(), format!("/{version}/{end}")));
        }
        for (url, expected) in forms {
            for environment in ways_to_say(&description, &complete, &url) {
                let got = path(factory, &environment)?;
                ensure!(got == expected, "`{url}` leads to {got}, not {expected}");
            }
        }
    }
    // A host that stands in a required variable: with the first step of the path or without.
    let first = usual.split('/').nth(1).unwrap_or_default();
    for var in description.env.iter().filter(|var| var.required) {
        if !var.name.ends_with("HOST") {
            continue;
        }
        for form in [format!("{PLACE}/"), format!("{PLACE}/{first}"), format!("{PLACE}/{first}/")] {
            let got = path(factory, &complete.clone().with_var(var.name, form.clone()))?;
            ensure!(got == usual, "{}={form} leads to {got}, not {usual}", var.name);
        }
    }
    Ok(())
}

fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|first: char| first.is_ascii_digit())
}

/// A base URL in the target, and in each optional variable that holds one.
fn ways_to_say(description: &Description, complete: &Environment, url: &str) -> Vec<Environment> {
    let vars = description.env.iter().filter(|var| !var.required);
    let vars = vars.filter(|var| var.name.ends_with("_URL") || var.name.ends_with("_ENDPOINT"));
    let in_vars = vars.map(|var| complete.clone().with_var(var.name, url));
    let in_target = complete.clone().with_base_url(Some(url.to_owned()));
    in_vars.chain([in_target]).collect()
}

fn a_base_url_with_a_query_or_a_fragment_is_refused(factory: Factory) -> Verdict {
    let description = factory.describe();
    let complete = Environment::complete(&description);
    for end in ["?key=value", "#part", "/v1?x", "/v1#"] {
        for environment in ways_to_say(&description, &complete, &format!("{PLACE}{end}")) {
            let error = environment.build(factory).err();
            let error = error.ok_or_else(|| format!("a base URL with `{end}` is taken"))?;
            ensure!(error.message.contains(PLACE), "the URL is not named: {error}");
        }
    }
    Ok(())
}

/// The path that the first surface's sample is sent to.
fn path(factory: Factory, environment: &Environment) -> Result<String, String> {
    Ok(surfaces::first_request(factory, environment)?.uri.path().to_owned())
}

/// Encoding is a function: the same bytes when asked again, and from a provider built afresh.
pub(super) fn encoding_is_deterministic<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        let again = Environment::complete(&bench.description).build(bench.factory);
        let again = Target::<S>::open(again.map_err(|error| error.to_string())?).await?;
        let samples = target.samples().map(|sample: &str| sample.as_bytes());
        let requests = bench.cases.iter().filter_map(|case| case.request.as_deref());
        for body in samples.chain(requests) {
            let request = request::<S>(body)?;
            let upstream = Script::always(Answer::new(400));
            for target in [target, target, &again] {
                target.ask(&upstream, &request, Ask::default()).await?;
            }
            let sent = upstream.sent();
            let is_same = sent.len() == 3 && sent.windows(2).all(|pair| same(&pair[0], &pair[1]));
            ensure!(is_same, "it varies: {}", excerpt(body));
        }
        Ok(())
    })
}

fn same(a: &Sent, b: &Sent) -> bool {
    a.uri == b.uri && a.method == b.method && a.headers == b.headers && a.body == b.body
}

/// What one surface's sample is sent as.
pub(crate) fn sample_sent<S: Suited>(
    factory: Factory,
    environment: &Environment,
) -> Result<Sent, String> {
    let built = build(factory, environment)?;
    crate::Clock::run(async |_| {
        let target = Target::<S>::open(built).await?;
        let upstream = Script::always(Answer::new(400));
        let request = request::<S>(S::SAMPLE.as_bytes())?;
        target.ask(&upstream, &request, Ask::default()).await?;
        upstream.sent().pop().ok_or_else(|| "nothing was sent".to_owned())
    })
}
