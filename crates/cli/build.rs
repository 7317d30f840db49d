//! What `version` says about the build: commit, date, compiler. Without git, or without a repository
//! around it, the build is the same and says `unknown`, unless `FERRO_COMMIT` and
//! `SOURCE_DATE_EPOCH` tell.

use std::{env, path::Path, process::Command};

fn main() {
    // Without a file to watch, cargo would watch all of them.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FERRO_COMMIT");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    watch_head();
    let commit =
        env::var("FERRO_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    let date = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .or_else(|| git(&["log", "-1", "--format=%ct"])?.parse().ok());
    let rustc = env::var("RUSTC").ok().and_then(|rustc| said(&rustc, &["--version"]));
    say("FERRO_COMMIT", commit);
    say("FERRO_EPOCH", date.map(|seconds: u64| seconds.to_string()));
    say("FERRO_DATE", date.map(day));
    say("FERRO_RUSTC", rustc);
}

fn say(name: &str, value: Option<String>) {
    let value = value.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env={name}={value}");
}

/// Watches what moves when another commit is checked out or made. A path that does not exist would
/// make every build a dirty one.
fn watch_head() {
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name]);
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    said("git", arguments)
}

/// What a program said, if it could be asked and had something to say.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The day of a moment, as year, month and day: the civil calendar counted from a first of March,
/// so that the leap day is the last of its year.
fn day(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + carry)
}
