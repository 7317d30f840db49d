//! The project's own chores: `cargo xtask test` is what a newcomer and continuous integration run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks")]

mod bench;
mod catalog;
mod codegen;
mod commands;
mod dist;
mod finding;
mod fixtures;
mod fuzz;
mod manifest;
mod new;
mod sdks;
mod source;
mod steps;
mod tidy;
mod tree;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("this crate stands in a folder of the workspace").to_owned()
}
