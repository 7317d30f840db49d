//! The official client libraries, straight at their vendors and through the gateway: each script runs
//! twice, and what it saw and what the vendor received are compared, value by value.
//!
//! What may differ is listed in `sdk/differences.txt`, each with its reason. `cargo xtask sdks`
//! installs the libraries.

#[path = "sdk/cases.rs"]
mod cases;
#[path = "sdk/compare.rs"]
mod compare;
#[path = "sdk/kept.rs"]
mod kept;
#[path = "sdk/libraries.rs"]
mod libraries;
#[expect(dead_code, reason = "the other tests of this binary use all of it")]
mod process;
mod recorded;
#[path = "sdk/session.rs"]
mod session;
#[path = "sdk/vendor.rs"]
mod vendor;

use std::process::ExitCode;

use cases::AIMS;
use compare::{Meant, differences, matches};
use libraries::{LIBRARIES, Library};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

const DIFFERENCES: &str = include_str!("sdk/differences.txt");
/// A longer list would not be a list of exceptions any more.
const MAX_DIFFERENCES: usize = 18;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    // The first trial of a library runs all of its cases: those come first, so that libraries run beside
    // each other.
    for library in &LIBRARIES {
        let name = format!("{}::every_case_is_a_trial", library.name);
        trials.push(Trial::test(name, || every_case_is_a_trial(library)));
    }
    for library in &LIBRARIES {
        trials.extend(library.cases().map(|case| {
            Trial::test(format!("{}::{case}", library.name), move || is_alike(library, case))
        }));
    }
    trials.push(Trial::test("aims::are_all_of_some_case", aims_are_all_of_some_case));
    trials.push(Trial::test("differences::are_few", differences_are_few));
    let name = "differences::cover_what_they_say_and_no_more";
    trials.push(Trial::test(name, patterns_cover_what_they_say));
    trials.push(Trial::test("differences::are_all_still_seen", differences_are_all_still_seen));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn is_alike(library: &Library, case: &str) -> Result<(), Failed> {
    let [straight, through] = library.sides()?.each_ref().map(|side| side.get(case));
    let straight = straight.ok_or("the script has no such case")?;
    let is_refused = ["error", "timeout"].iter().any(|word| case.starts_with(word));
    if straight["raised"].is_null() == is_refused {
        return Err(format!("straight at the vendor: {straight}").into());
    }
    if straight["received"].as_array().is_none_or(Vec::is_empty) {
        return Err("the vendor received nothing".into());
    }
    let through = through.unwrap_or(&Value::Null);
    let trial = format!("{}::{case}", library.name);
    let mut found = differences(&trial, straight, through);
    let meant = Meant::read(DIFFERENCES)?;
    found.retain(|difference| !meant.covers(difference));
    if !found.is_empty() {
        return Err(found.join("\n").into());
    }
    let said = through.to_string();
    match library.aims(case).find(|words| !said.contains(words)) {
        Some(words) => Err(format!("through the gateway, {words} is not among {said}").into()),
        None => Ok(()),
    }
}

fn every_case_is_a_trial(library: &Library) -> Result<(), Failed> {
    let mut expected: Vec<_> = library.cases().collect();
    expected.sort_unstable();
    for side in library.sides()? {
        let found: Vec<_> = side.keys().collect();
        if found != expected {
            return Err(format!("the script has {found:?}, the trials are {expected:?}").into());
        }
    }
    Ok(())
}

fn aims_are_all_of_some_case() -> Result<(), Failed> {
    let trials = LIBRARIES
        .iter()
        .flat_map(|library| library.cases().map(|case| format!("{}::{case}", library.name)));
    let trials: Vec<_> = trials.collect();
    let is_nobodys = |pattern: &&str| !trials.iter().any(|trial| matches(pattern, trial));
    let nobodys: Vec<_> = AIMS.iter().map(|(pattern, _)| *pattern).filter(is_nobodys).collect();
    if nobodys.is_empty() { Ok(()) } else { Err(format!("no such case: {nobodys:?}").into()) }
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
    for library in &LIBRARIES {
        let [straight, through] = library.sides()?;
        for (case, seen) in straight {
            let trial = format!("{}::{case}", library.name);
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
