//! The official client libraries, straight at a vendor and through the gateway: one script runs
//! twice, and what it saw and what the vendor received are compared, value by value.
//!
//! What may differ is listed in `sdk/differences.txt`, each with its reason. `cargo xtask sdks`
//! installs the libraries.

#[path = "sdk/compare.rs"]
mod compare;
#[expect(dead_code, reason = "the other tests of this binary use all of it")]
mod process;
#[path = "sdk/session.rs"]
mod session;

use std::{process::ExitCode, sync::OnceLock};

use compare::{Meant, differences, matches};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use session::{Language, Observed, Way, observe};

const DIFFERENCES: &str = include_str!("sdk/differences.txt");
/// A longer list would not be a list of exceptions any more.
const MAX_DIFFERENCES: usize = 10;

/// The models that the cases ask for.
const MODELS: &[&str] = &[
    "scripted",
    "reasoning",
    "refusal",
    "comments-5",
    "error-400",
    "error-401",
    "error-404",
    "error-422",
    "error-429",
    "error-500",
    "error-in-stream",
    "stall-head",
    "stall-3",
];

/// Cases that both libraries have.
const SHARED: &[&str] = &[
    "chat",
    "chat_raw_response",
    "chat_reasoning",
    "chat_refusal",
    "completions",
    "completions_streamed",
    "embeddings",
    "embeddings_of_tokens_in_numbers",
    "error_400",
    "error_401",
    "error_404",
    "error_422",
    "error_429",
    "error_429_before_a_stream",
    "error_429_of_an_upload",
    "error_429_of_speech",
    "error_500",
    "error_500_retried",
    "error_in_a_stream",
    "image_edits",
    "image_variations",
    "images",
    "images_streamed",
    "json_schema",
    "json_schema_parsed",
    "logprobs",
    "models",
    "moderations",
    "odd_fields",
    "several_choices",
    "speech",
    "speech_in_events",
    "stream",
    "stream_helper",
    "stream_raw_response",
    "stream_slow_with_comments",
    "stream_with_usage",
    "timeout",
    "tools",
    "tools_streamed",
    "transcriptions",
    "transcriptions_streamed",
    "translations",
    "vision",
];

const LIBRARIES: [(Language, &[&str]); 2] = [
    (Language::Python, &["chat_async", "timeout_in_a_stream"]),
    (Language::Node, &["abort_in_a_stream"]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (language, own) in LIBRARIES {
        let cases = SHARED.iter().chain(own);
        trials.extend(cases.map(|case| {
            Trial::test(format!("{}::{case}", language.name()), move || is_alike(language, case))
        }));
        let name = format!("{}::every_case_is_a_trial", language.name());
        trials.push(Trial::test(name, move || every_case_is_a_trial(language, own)));
    }
    trials.push(Trial::test("differences::are_few", differences_are_few));
    let name = "differences::cover_what_they_say_and_no_more";
    trials.push(Trial::test(name, patterns_cover_what_they_say));
    trials.push(Trial::test("differences::are_all_still_seen", differences_are_all_still_seen));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn is_alike(language: Language, case: &str) -> Result<(), Failed> {
    let [straight, through] = sides(language)?.each_ref().map(|side| side.get(case));
    let straight = straight.ok_or("the script has no such case")?;
    let is_refused = ["error", "timeout"].iter().any(|word| case.starts_with(word));
    if straight["raised"].is_null() == is_refused {
        return Err(format!("straight at the vendor: {straight}").into());
    }
    if straight["received"].as_array().is_none_or(Vec::is_empty) {
        return Err("the vendor received nothing".into());
    }
    let trial = format!("{}::{case}", language.name());
    let mut found = differences(&trial, straight, through.unwrap_or(&Value::Null));
    let meant = Meant::read(DIFFERENCES)?;
    found.retain(|difference| !meant.covers(difference));
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}

fn every_case_is_a_trial(language: Language, own: &[&str]) -> Result<(), Failed> {
    let mut expected: Vec<_> = SHARED.iter().chain(own).copied().collect();
    expected.sort_unstable();
    for side in sides(language)? {
        let found: Vec<_> = side.keys().collect();
        if found != expected {
            return Err(format!("the script has {found:?}, the trials are {expected:?}").into());
        }
    }
    Ok(())
}

fn differences_are_few() -> Result<(), Failed> {
    let count = Meant::read(DIFFERENCES)?.patterns().count();
    if count <= MAX_DIFFERENCES {
        return Ok(());
    }
    Err(format!("{count} differences are listed; {MAX_DIFFERENCES} are allowed").into())
}

fn differences_are_all_still_seen() -> Result<(), Failed> {
    let mut found = Vec::new();
    for (language, _) in LIBRARIES {
        let [straight, through] = sides(language)?;
        for (case, seen) in straight {
            let trial = format!("{}::{case}", language.name());
            let other = through.get(case).unwrap_or(&Value::Null);
            found.extend(differences(&trial, seen, other));
        }
    }
    let meant = Meant::read(DIFFERENCES)?;
    let is_stale = |pattern: &&str| !found.iter().any(|found| matches(pattern, found));
    let stale: Vec<_> = meant.patterns().filter(is_stale).collect();
    if stale.is_empty() { Ok(()) } else { Err(format!("not seen any more: {stale:?}").into()) }
}

fn patterns_cover_what_they_say() -> Result<(), Failed> {
    let line = |straight, through| differences("a::b", &straight, &through).join("\n");
    let gained = line(json!({"x": [{"y": 1}]}), json!({"x": [{"y": 1, "z": null}]}));
    let long = "long ".repeat(20);
    let edited = line(json!({"t": long}), json!({"t": format!("{long}!")}));
    for (pattern, line, covers) in [
        ("*::b /x/*/z nothing -> null", &gained, true),
        ("a::b /x/000/z nothing -> null", &gained, true),
        ("*::b /x/*/z nothing -> nul", &gained, false),
        ("*::c /x/*/z nothing -> null", &gained, false),
        (r#"*::* /t -"" +"!""#, &edited, true),
        ("*::* /t *?", &edited, false),
    ] {
        if matches(pattern, line) != covers {
            return Err(format!("{pattern} and {line}: expected {covers}").into());
        }
    }
    Ok(())
}

/// What a library saw, straight and through the gateway. Everything runs once, at the first asking.
fn sides(language: Language) -> Result<&'static [Observed; 2], Failed> {
    static SEEN: OnceLock<Vec<Result<[Observed; 2], String>>> = OnceLock::new();
    let seen = SEEN.get_or_init(|| LIBRARIES.map(|(language, _)| run(language)).into());
    let index = LIBRARIES.iter().position(|(own, _)| *own == language);
    let seen = &seen[index.expect("every library is listed")];
    seen.as_ref().map_err(|error| Failed::from(error.as_str()))
}

fn run(language: Language) -> Result<[Observed; 2], String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let (straight, through) = tokio::join!(
            observe(language, Way::Straight, MODELS),
            observe(language, Way::Through, MODELS),
        );
        Ok([straight?, through?])
    })
}
