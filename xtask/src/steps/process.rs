//! Other programs, run where their output can be seen while it comes.

use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Tally;

/// Cargo, in a folder, with the target directory of the workspace.
pub(crate) fn cargo(folder: &Path) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = tool(program, folder);
    command.env("CARGO_TARGET_DIR", target());
    command
}

/// A program that builds, in a folder.
pub(crate) fn tool(program: OsString, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    // What cargo told us about ourselves. Build scripts watch some of it, and would build everything
    // again that was built without.
    for (name, _) in env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("CARGO_PKG_") || shown.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Where everything is built.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from)
}

/// What was typed, for a person.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let words = command.get_args().map(|word| format!(" {}", word.to_string_lossy()));
    std::iter::once(program).chain(words).collect()
}

/// Runs a command whose output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = shown(command);
    println!("{name}");
    let status = command.stdin(Stdio::null()).status();
    let status = status.map_err(|error| format!("{name} cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Runs a command and returns what it printed, whether it succeeded or not.
pub(crate) fn output(command: &mut Command) -> Result<(bool, String), String> {
    let name = shown(command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} cannot be run: {error}"))?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

/// Runs a test runner, shows its output while it comes, and counts its summaries.
pub(crate) fn count_tests(tally: &mut Tally, command: &mut Command) {
    let name = shown(command);
    println!("{name}");
    let counted = stream(command, &mut |line| {
        println!("{line}");
        summary(line)
    });
    let (passed, failed, ended) = match counted {
        Ok(counted) => counted,
        Err(error) => return tally.check(&name, Err(format!("cannot be run: {error}"))),
    };
    tally.count(passed, failed);
    // A runner that dies prints no summary; one that ran nothing shows nothing.
    if !ended && failed == 0 {
        tally.check(&name, Err("it ended before its summary, or did not compile".to_owned()));
    } else if passed + failed == 0 {
        tally.check(&name, Err("no test ran".to_owned()));
    }
}

/// Both counts, and whether the command succeeded.
fn stream(
    command: &mut Command,
    see: &mut dyn FnMut(&str) -> Option<(u64, u64)>,
) -> std::io::Result<(u64, u64, bool)> {
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().expect("the output is piped");
    let (mut passed, mut failed) = (0, 0);
    for line in BufReader::new(out).split(b'\n') {
        if let Some((p, f)) = see(&String::from_utf8_lossy(&line?)) {
            passed += p;
            failed += f;
        }
    }
    Ok((passed, failed, child.wait()?.success()))
}

/// The counts of a line like `test result: ok. 3 passed; 0 failed; …`.
fn summary(line: &str) -> Option<(u64, u64)> {
    let counts = line.trim_start().strip_prefix("test result: ")?;
    let count = |what: &str| {
        let part = counts.split([';', '.']).find_map(|part| part.trim().strip_suffix(what));
        part.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
    };
    Some((count("passed"), count("failed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read_and_other_lines_are_not() {
        let line =
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; finished in 0.01s";
        assert_eq!(summary(line), Some((3, 2)));
        assert_eq!(summary("test result: ok. 12 passed; 0 failed;"), Some((12, 0)));
        assert_eq!(summary("test a_result ... ok"), None);
    }

    #[test]
    fn output_is_counted_while_it_comes() {
        let mut echo = Command::new("sh");
        echo.args(["-c", "echo 'test result: ok. 2 passed; 0 failed;'; exit 3"]);
        let mut seen = Vec::new();
        let counted = stream(&mut echo, &mut |line| {
            seen.push(line.to_owned());
            summary(line)
        });
        assert_eq!(counted.unwrap(), (2, 0, false));
        assert_eq!(seen.len(), 1);
    }
}
