//! The gateway: every command over what this build lists.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferro_cli::main(ferro_builtins::registry())
}
