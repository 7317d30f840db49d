//! The shared provider suite, against what Anthropic said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_anthropic::PROVIDERS, "tests/fixtures")
}
