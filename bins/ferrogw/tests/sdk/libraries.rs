//! The libraries, the programs that use them, and what each saw.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use libtest_mimic::Failed;
use tokio::process::Command;

use crate::{
    cases::{AIMS, ANTHROPIC, COHERE, LANGCHAIN, OPENAI},
    compare::matches,
    session::{Observed, Way, observe},
};

/// A library in a language, and the script that uses it.
pub(crate) struct Library {
    /// As trials name it.
    pub(crate) name: &'static str,
    language: Language,
    /// The cases of its script.
    cases: &'static [&'static [&'static str]],
    seen: OnceLock<Result<[Observed; 2], String>>,
}

#[derive(Clone, Copy)]
enum Language {
    Python,
    Node,
}

const fn library(
    name: &'static str,
    language: Language,
    cases: &'static [&'static [&'static str]],
) -> Library {
    Library { name, language, cases, seen: OnceLock::new() }
}

/// All of them.
pub(crate) static LIBRARIES: [Library; 6] = [
    library("openai_python", Language::Python, &[OPENAI, &["chat_async", "timeout_in_a_stream"]]),
    library("openai_node", Language::Node, &[OPENAI, &["abort_in_a_stream"]]),
    library("anthropic_python", Language::Python, &[ANTHROPIC, &["messages_async"]]),
    library("anthropic_node", Language::Node, &[ANTHROPIC]),
    library("cohere_python", Language::Python, &[COHERE]),
    library("langchain_python", Language::Python, &[LANGCHAIN]),
];

impl Library {
    /// The cases of its script, each a trial.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &'static str> {
        self.cases.iter().copied().flatten().copied()
    }

    /// What is to be sent or seen in a case.
    pub(crate) fn aims(&self, case: &str) -> impl Iterator<Item = &'static str> {
        let trial = format!("{}::{case}", self.name);
        let all = AIMS.iter().filter(move |(pattern, _)| matches(pattern, &trial));
        all.flat_map(|(_, words)| *words).copied()
    }

    /// What it saw, straight and through the gateway. Every case runs at the first asking.
    pub(crate) fn sides(&self) -> Result<&[Observed; 2], Failed> {
        let seen = self.seen.get_or_init(|| self.run());
        seen.as_ref().map_err(|error| Failed::from(error.as_str()))
    }

    fn run(&self) -> Result<[Observed; 2], String> {
        let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let (straight, through) =
                tokio::join!(observe(self, Way::Straight), observe(self, Way::Through));
            Ok([straight?, through?])
        })
    }

    /// The program that uses it.
    pub(crate) fn command(&self, root: &str, key: &str) -> Result<Command, String> {
        let sdks = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("sdks");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
        let (program, script, folder): (_, _, Option<PathBuf>) = match self.language {
            Language::Python => ("python/bin/python", format!("python/{}.py", self.script()), None),
            Language::Node => {
                ("node/bin/node", format!("node/{}.mjs", self.script()), Some(sdks.join("node")))
            }
        };
        let program = sdks.join(program);
        if !sdks.join("stamp").exists() || !program.exists() {
            return Err("the official libraries are not installed: run `cargo xtask sdks`".into());
        }
        let mut command = Command::new(program);
        if matches!(self.language, Language::Python) {
            // Nothing is left beside the scripts; a library warns about its own parsed replies.
            command.args(["-B", "-W", "ignore"]);
        }
        command.arg(scripts.join(script)).args([root, key]).args(folder).env_clear();
        Ok(command)
    }

    fn script(&self) -> String {
        let (package, _) = self.name.rsplit_once('_').expect("a name is a package and a language");
        format!("{package}_cases")
    }
}
