//! The shared provider suite, against what Cohere said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_cohere::PROVIDERS, "tests/fixtures")
}
