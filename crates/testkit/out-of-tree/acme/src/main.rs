//! A third party's gateway: their own vendor, and one of the house's.

use std::process::ExitCode;

use ferro_core::Registry;

fn main() -> ExitCode {
    let registry = Registry::new()
        .ingress(&ferro_dialect_openai::INGRESS)
        .providers(acme::PROVIDERS)
        .providers(ferro_provider_openai::PROVIDERS);
    ferro_cli::main(registry)
}
