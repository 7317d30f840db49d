//! The shared provider suite, against what this vendor said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_replicate::PROVIDERS, "tests/fixtures")
}
