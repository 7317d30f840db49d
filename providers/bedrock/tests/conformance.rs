//! The shared provider suite, against what Bedrock said.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_testkit::providers(ferro_provider_bedrock::PROVIDERS, "tests/fixtures")
}
