//! The project's own chores: `cargo xtask test` is what a newcomer and continuous integration run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks")]

mod sdks;

use std::{
    env,
    process::{Command, ExitCode, Stdio},
};

fn main() -> ExitCode {
    match env::args().nth(1).as_deref() {
        Some("test") => test(),
        Some("sdks") => sdks::command(),
        other => {
            eprintln!("unknown command {other:?}; this tool knows: sdks, test");
            ExitCode::FAILURE
        }
    }
}

/// Format, lints, documentation, tests; one total at the end.
fn test() -> ExitCode {
    let steps: [&[&str]; 3] = [
        &["fmt", "--all", "--check"],
        &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        &["doc", "--workspace", "--no-deps"],
    ];
    for step in steps {
        println!("==> cargo {}", step.join(" "));
        let run = cargo().args(step).env("RUSTDOCFLAGS", "-D warnings").status();
        if !run.is_ok_and(|status| status.success()) {
            eprintln!("cargo {} failed", step.join(" "));
            return ExitCode::FAILURE;
        }
    }
    println!("==> cargo test --workspace");
    let run =
        cargo().args(["test", "--workspace", "--no-fail-fast"]).stdout(Stdio::piped()).output();
    let Ok(output) = run else {
        eprintln!("cargo test could not be started");
        return ExitCode::FAILURE;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    let (passed, failed) = total(&text);
    println!("{passed} passed, {failed} failed");
    if output.status.success() && failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Adds up cargo's own summaries.
fn total(output: &str) -> (u64, u64) {
    let count = |line: &str, what: &str| -> u64 {
        let found = line.split([';', '.']).find_map(|part| part.trim().strip_suffix(what));
        found.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
    };
    let lines = output.lines().filter(|line| line.starts_with("test result:"));
    lines.fold((0, 0), |(passed, failed), line| {
        (passed + count(line, "passed"), failed + count(line, "failed"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_add_up() {
        let output = "test result: ok. 3 passed; 0 failed; 0 ignored\nx\ntest result: FAILED. 1 passed; 2 failed;";
        assert_eq!(total(output), (4, 2));
    }
}
