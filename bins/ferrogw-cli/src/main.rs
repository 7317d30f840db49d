//! The commands without the gateway: they ask one that runs, and check its files.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_cli::main(ferro_builtins::registry())
}
