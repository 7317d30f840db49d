//! The shared provider suite, against what OpenAI said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_openai::PROVIDERS, "tests/fixtures")
}
