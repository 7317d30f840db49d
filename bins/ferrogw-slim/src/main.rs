//! The gateway with what its features name, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_cli::main(ferro_builtins::registry())
}
