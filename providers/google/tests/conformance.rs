//! The shared provider suite, against what Google said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_google::PROVIDERS, "tests/fixtures")
}
