//! The shared provider suite, against what servers of this kind said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_ollama::PROVIDERS, "tests/fixtures")
}
