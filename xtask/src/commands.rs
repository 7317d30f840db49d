//! What can be typed after `cargo xtask`.

use crate::{bench, catalog, codegen, dist, fuzz, new, sdks, steps, tidy};

/// A command.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What may follow it.
    arguments: &'static str,
    does: &'static str,
    run: fn(&[&str]) -> Result<(), String>,
}

/// Every command.
pub(crate) static COMMANDS: &[Command] = &[
    Command {
        name: "tidy",
        arguments: "",
        does: "check what the compiler cannot: floors, owners, names, sizes, documents",
        run: tidy::run,
    },
    Command {
        name: "codegen",
        arguments: "[--check]",
        does: "write the listing of the builds, their features, and the list of the vendors",
        run: codegen::run,
    },
    Command {
        name: "new",
        arguments: "provider|plugin NAME",
        does: "make a crate that compiles, passes its tests, and is in the builds",
        run: new::run,
    },
    Command {
        name: "sdks",
        arguments: "",
        does: "install the official client libraries, and say where they are",
        run: sdks::command,
    },
    Command {
        name: "catalog",
        arguments: "--from DIR | check",
        does: "make the catalogue of models, or ask whether its sources are still there",
        run: catalog::run,
    },
    Command {
        name: "dist",
        arguments: "[PACKAGE]",
        does: "build the gateway as it is shipped: twice, and the second time by what the first learnt",
        run: dist::run,
    },
    Command {
        name: "bench",
        arguments: "[--quick] [--plain] [--instructions] […]",
        does: "measure what the gateway costs, beside a proxy that does nothing",
        run: bench::run,
    },
    Command {
        name: "fuzz",
        arguments: "[TARGET] [--minutes N] […]",
        does: "search for bytes that break a law, with libFuzzer and a nightly compiler",
        run: fuzz::run,
    },
    Command {
        name: "test",
        arguments: "[--long] [--only STEP[,STEP…]]",
        does: "every check and every test; one total at the end",
        run: steps::run,
    },
    Command {
        name: "ci",
        arguments: "[--long] [--only STEP[,STEP…]]",
        does: "the same, and how long each step took",
        run: steps::run_timed,
    },
];

/// Runs what was typed.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let Some((name, rest)) = arguments.split_first() else { return Err(usage("no command")) };
    let command = COMMANDS.iter().find(|command| command.name == *name);
    let command = command.ok_or_else(|| usage(&format!("unknown command `{name}`")))?;
    (command.run)(rest)
}

fn usage(problem: &str) -> String {
    let line = |c: &Command| format!("\n  {:<8}{:<32}{}", c.name, c.arguments, c.does);
    let lines = COMMANDS.iter().map(line).collect::<Vec<_>>().concat();
    format!("{problem}; this tool knows{lines}\n\nThe steps of `test`:{}", steps::listing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_told_the_known_ones() {
        let error = run(&["cook"]).unwrap_err();
        assert!(COMMANDS.iter().all(|command| error.contains(command.name)), "{error}");
    }
}
