//! The shared provider suite, against what Azure said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_azure::PROVIDERS, "tests/fixtures")
}
