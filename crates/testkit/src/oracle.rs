//! A vendor's own library as the judge of what the vendor is sent.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// Has the Python script at `script` judge `cases`, each a JSON value that it reads as a line of its
/// standard input; it writes a JSON value in a line of its own for each, in order.
///
/// The script sees the official libraries that `cargo xtask sdks` installs.
///
/// # Panics
///
/// If the libraries are not installed, or the script fails or does not answer each case once: a test
/// that cannot ask has not passed.
pub fn oracle(script: &Path, cases: &[Value]) -> Vec<Value> {
    let python = sdks().join("python/bin/python");
    assert!(
        python.exists(),
        "the official libraries are not installed in {}: run `cargo xtask sdks`",
        python.display()
    );
    let mut asked = Command::new(&python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", python.display()));
    let lines = cases.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let mut input = asked.stdin.take().expect("it was asked for");
    // Written beside the reading: a script may answer before it has read everything.
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = asked.wait_with_output().expect("a child can be waited for");
    assert!(output.status.success(), "{} failed: {}", script.display(), output.status);
    writer.join().expect("writing does not panic").expect("the script reads all of its input");
    let text = String::from_utf8(output.stdout).expect("the script writes text");
    let verdict = |line| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{}: `{line}` is not JSON: {error}", script.display()))
    };
    let verdicts: Vec<Value> = text.lines().map(verdict).collect();
    assert_eq!(verdicts.len(), cases.len(), "{} answers each case once", script.display());
    verdicts
}

/// Where the libraries are: below the folder in which this test was built.
fn sdks() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    // target/<profile>/deps/<test>
    let target =
        test.ancestors().nth(3).expect("a test lies three folders below the target folder");
    target.join("sdks")
}
