//! The shared provider suite, against what the vendors of this crate said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_openai_compatible::PROVIDERS, "tests/fixtures")
}
