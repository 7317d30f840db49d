//! `cargo xtask fuzz`: libFuzzer over the targets of `xtask/fuzz`, one after the other.
//!
//! The program is built here rather than by cargo-fuzz: what that adds is one line of flags.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::steps::{output, run_command, target, tool};

/// Where the targets are; each has a folder in `corpus`.
const FOLDER: &str = "xtask/fuzz";
/// What is installed where the compiler is missing.
const NIGHTLY: &str = "rustup toolchain install nightly --profile minimal";
/// Has the compiler count what is reached, tell what is compared, and watch memory.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address --cfg fuzzing";
/// The longest inputs that are made.
const LONGEST: &str = "-max_len=4096";
/// As long as one input may take, in seconds.
const PATIENCE: &str = "-timeout=10";

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments, &names()?)?;
    let program = build()?;
    if let Some(input) = options.replay {
        let name = &options.targets[0];
        return run_command(fuzzer(&program, name).arg(input));
    }
    let outcomes = options.targets.iter().map(|name| search(&program, name, options.seconds));
    let failed = outcomes.filter(|outcome| outcome.as_ref().map_err(|e| println!("{e}")).is_err());
    match failed.count() {
        0 => Ok(()),
        count => Err(format!("{count} of the targets do not hold")),
    }
}

/// The targets: what has a folder in the corpus.
fn names() -> Result<Vec<String>, String> {
    let folder = crate::root().join(FOLDER).join("corpus");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

struct Options<'a> {
    targets: Vec<String>,
    /// How long each target is searched.
    seconds: u64,
    /// An input that is run once instead.
    replay: Option<&'a str>,
}

impl<'a> Options<'a> {
    fn parse(arguments: &[&'a str], names: &[String]) -> Result<Self, String> {
        let mut options = Self { targets: names.to_vec(), seconds: 60, replay: None };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or(format!("{argument} needs a value"));
            match *argument {
                "--minutes" => options.seconds = 60 * number(argument, value()?)?,
                "--seconds" => options.seconds = number(argument, value()?)?,
                "--replay" => options.replay = Some(value()?),
                name if names.iter().any(|known| known == name) => {
                    options.targets = vec![name.to_owned()];
                }
                name => {
                    let known = names.join(", ");
                    return Err(format!("there is no target `{name}`; there are {known}"));
                }
            }
        }
        if options.replay.is_some() && options.targets.len() != 1 {
            return Err("--replay needs the name of a target".to_owned());
        }
        Ok(options)
    }
}

fn number(option: &str, value: &str) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("{option} takes a number of at least 1, not `{value}`"))
}

/// Builds the program that runs any target.
fn build() -> Result<PathBuf, String> {
    let host = host()?;
    let cxx = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if output(Command::new(&cxx).arg("--version")).is_err() {
        return Err(format!(
            "libFuzzer is built by a C++ compiler, and `{cxx}` is not there: install g++ or clang, or name one in CXX"
        ));
    }
    let driver = crate::root().join(FOLDER).join("driver");
    // The workspace's lock file, so that what is fuzzed is what is built.
    fs::copy(crate::root().join("Cargo.lock"), driver.join("Cargo.lock"))
        .map_err(|error| format!("the lock file cannot be copied: {error}"))?;
    let folder = target().join("fuzz/build");
    let mut command = tool("rustup".into(), &driver);
    command.args(["run", "nightly", "cargo", "build", "--release", "--target", &host]);
    run_command(command.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &folder))?;
    Ok(folder.join(host).join("release/driver"))
}

/// The machine as the nightly compiler calls it. The flags are for that alone, not for build scripts.
fn host() -> Result<String, String> {
    let asked = output(Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]));
    let (_, text) =
        asked.map_err(|error| format!("{error}; fuzzing needs rustup, then {NIGHTLY}"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.map(|host| host.trim().to_owned());
    host.ok_or_else(|| format!("fuzzing needs a nightly compiler: {NIGHTLY}"))
}

fn fuzzer(program: &Path, name: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root()).env("FERRO_FUZZ_TARGET", name);
    command
}

/// Searches one target, and prints how far it came; or says what was found, and how to see it again.
fn search(program: &Path, name: &str, seconds: u64) -> Result<(), String> {
    let folder = |what: &str| target().join("fuzz").join(what).join(name);
    let [found, seeds, broken] = ["corpus", "seeds", "artifacts"].map(folder);
    for folder in [&found, &seeds, &broken] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let known = files(&broken);
    let mut command = fuzzer(program, name);
    command.env("FERRO_FUZZ_SEEDS", &seeds).args([LONGEST, PATIENCE]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", broken.display()));
    command.args([&found, &crate::root().join(FOLDER).join("corpus").join(name), &seeds]);
    let (is_good, log) = output(command.stdin(Stdio::null()))?;
    let done = log.lines().rfind(|line| line.contains("\tDONE")).unwrap_or_default();
    if is_good {
        println!("{name:<20}{}", done.split_whitespace().collect::<Vec<_>>().join(" "));
        return Ok(());
    }
    let why = reason(&log);
    let Some(input) = files(&broken).difference(&known).next().cloned() else {
        return Err(format!("{name}: {why}"));
    };
    let input = input.display();
    Err(format!(
        "{name}: {why}\n  the input:     {input}\n  see it again:  cargo xtask fuzz {name} --replay {input}\n  keep it:       copy it into {FOLDER}/corpus/{name}, under a name that says what it shows"
    ))
}

/// Why a program ended, as far as it said so: its panic, or its last words.
fn reason(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let from = panic.unwrap_or(lines.len().saturating_sub(20));
    let told = lines[from..].iter().take_while(|line| !line.starts_with("stack backtrace"));
    told.take(20).copied().collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_times_are_understood() {
        let names = ["ndjson".to_owned(), "sse".to_owned()];
        let parse = |arguments: &[&'static str]| Options::parse(arguments, &names);
        let all = parse(&[]).unwrap();
        assert_eq!((&all.targets[..], all.seconds), (&names[..], 60));
        let one = parse(&["sse", "--minutes", "2"]).unwrap();
        assert_eq!((&one.targets[..], one.seconds), (&names[1..], 120));
        assert_eq!(parse(&["--seconds", "5"]).unwrap().seconds, 5);
        for (arguments, problem) in [
            (&["cook"][..], "there is no target `cook`; there are ndjson, sse"),
            (&["--seconds", "none"], "--seconds takes a number of at least 1, not `none`"),
            (&["--minutes"], "--minutes needs a value"),
            (&["--replay", "x"], "--replay needs the name of a target"),
        ] {
            assert_eq!(parse(arguments).err().unwrap(), problem);
        }
    }

    #[test]
    fn a_reason_is_the_panic_if_there_was_one() {
        let log =
            "INFO: x\nthread 'main' panicked at a.rs:1:2:\nit broke\nstack backtrace:\n 0: x\n";
        assert_eq!(reason(log), "thread 'main' panicked at a.rs:1:2:\nit broke");
        assert_eq!(reason("out of memory\n"), "out of memory");
    }
}
