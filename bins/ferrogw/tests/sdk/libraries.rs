//! The libraries, and what each is asked to do.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use libtest_mimic::Failed;
use tokio::process::Command;

use crate::{
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

/// Cases that OpenAI's library has in both languages.
const OPENAI: &[&str] = &[
    "batches",
    "chat",
    "chat_raw_response",
    "chat_reasoning",
    "chat_refusal",
    "completions",
    "completions_streamed",
    "conversations",
    "embeddings",
    "embeddings_of_tokens_in_numbers",
    "error_400",
    "error_401",
    "error_404",
    "error_404_of_a_batch",
    "error_404_of_a_file",
    "error_404_of_a_kept_response",
    "error_404_of_responses",
    "error_422",
    "error_429",
    "error_429_before_a_stream",
    "error_429_of_an_upload",
    "error_429_of_responses",
    "error_429_of_speech",
    "error_500",
    "error_500_retried",
    "error_in_a_stream",
    "error_in_streamed_responses",
    "files",
    "image_edits",
    "image_variations",
    "images",
    "images_streamed",
    "json_schema",
    "json_schema_parsed",
    "logprobs",
    "models",
    "moderations",
    "odd_fields",
    "passed_through",
    "responses",
    "responses_counted",
    "responses_cut_short",
    "responses_kept",
    "responses_raw_response",
    "responses_stream_helper",
    "responses_streamed",
    "responses_tools",
    "responses_tools_streamed",
    "several_choices",
    "speech",
    "speech_in_events",
    "stream",
    "stream_helper",
    "stream_raw_response",
    "stream_slow_with_comments",
    "stream_with_usage",
    "timeout",
    "tools",
    "tools_streamed",
    "transcriptions",
    "transcriptions_streamed",
    "translations",
    "uploads",
    "vision",
];

/// Cases that Anthropic's library has in both languages.
const ANTHROPIC: &[&str] = &[
    "count_tokens",
    "count_tokens_beta",
    "error_400",
    "error_400_of_a_long_prompt",
    "error_401",
    "error_404",
    "error_404_of_a_count",
    "error_429",
    "error_429_before_a_stream",
    "error_500",
    "error_529",
    "error_529_retried",
    "error_in_a_stream",
    "messages",
    "messages_beta",
    "messages_cached",
    "messages_of_documents",
    "messages_raw_response",
    "messages_stream_helper",
    "messages_streamed",
    "messages_streamed_raw",
    "messages_thinking",
    "messages_thinking_streamed",
    "messages_tools",
    "messages_tools_streamed",
    "messages_with_a_token",
    "models",
];

const COHERE: &[&str] = &[
    "embed",
    "error_404",
    "error_429",
    "rerank",
    "rerank_async",
    "rerank_of_the_first_version",
    "rerank_raw_response",
];

const LANGCHAIN: &[&str] = &[
    "embeddings",
    "embeddings_async",
    "embeddings_of_text",
    "error_429",
    "error_in_a_stream",
    "invoke",
    "invoke_async",
    "responses",
    "stream",
    "stream_with_usage",
    "structured_output",
    "tools",
    "tools_streamed",
];

/// What a case is there for, as it is sent or seen: two runs could agree that there is nothing of it.
const MEANT: &[(&str, &[&str])] = &[
    ("openai_*::embeddings", &[r#"encoding_format\":\"base64"#, "[0.5,-0.25,1"]),
    ("openai_*::embeddings_of_tokens_in_numbers", &[r#"input\":[[1,2],[3]]"#, "[0.5,-0.25,1"]),
    ("openai_*::files", &["requests.jsonl", r"\\xff--", "fdfeff000102", "after=file-1"]),
    ("openai_*::uploads", &["/v1/uploads/upload_1/parts", r"\\xff--", "part_1"]),
    ("openai_*::batches", &["/v1/batches/batch_1/cancel", "cancelling", "\u{e9}"]),
    ("openai_*::conversations", &["/v1/conversations/conv_1/items?", r#"conversation\":\"conv_1"#]),
    ("openai_*::passed_through", &["n_epochs", "ftjob_1"]),
    ("openai_*::responses_counted", &["/v1/responses/input_tokens", "response.compaction"]),
    ("openai_*::responses", &["encrypted_content", "Gr\u{fc}\u{df} dich!", "file-1"]),
    ("openai_*::responses_kept", &["/resp_conformance/cancel", "input_items?", "DELETE", "msg_1"]),
    ("openai_*::responses_streamed", &["response.output_text.delta", "response.completed"]),
    ("openai_*::responses_tools", &["function_call_output", "previous_response_id", "web_search"]),
    ("openai_*::responses_tools_streamed", &["response.function_call_arguments.delta"]),
    ("openai_*::speech", &["49443300010203", "audio/mpeg"]),
    ("openai_*::transcriptions", &[r"RIFF\u0000\r\n--WAVE", "WEBVTT", "00:00:00,000 -->"]),
    ("openai_*::translations", &[r"RIFF\u0000\r\n--WAVE", "Heard it."]),
    ("openai_*::images", &["iVBORw0KGgo="]),
    ("openai_*::image_*s", &["iVBORw0KGgo=", r"\\x89PNG\r\n"]),
    ("openai_*::moderations", &["category_scores", "images.example/1.png"]),
    ("openai_*::models", &[r#""id":"scripted""#]),
    ("anthropic_*::count_tokens*", &[r#""input_tokens":"#]),
    ("anthropic_*::count_tokens_beta", &["clear_tool_uses_20250919", "context-management-2025-"]),
    ("anthropic_*::error_500", &["api_error"]),
    ("anthropic_*::error_529*", &["overloaded_error"]),
    ("anthropic_*::messages*", &[r#""anthropic-version":["2026-10-21"]"#]),
    (
        "anthropic_*::messages_beta",
        &["a-beta-that-nobody-knows", "anthropic-odd", "clear_tool_uses_20250919"],
    ),
    ("anthropic_*::messages_cached", &[r#"ttl\":\"1h"#, r#""cache_read_input_tokens":40"#]),
    (
        "anthropic_*::messages_of_documents",
        &["citations_delta", r#"citations\":{\"enabled\":true"#],
    ),
    ("anthropic_*::messages_streamed", &["message_start", "content_block_delta", "message_stop"]),
    (
        "anthropic_*::messages_thinking",
        &[r#"signature\":\"c2VhbA=="#, r#"data\":\"aGlkZGVu"#, "budget_tokens", "adaptive"],
    ),
    ("anthropic_*::messages_thinking_streamed", &["signature_delta", "thinking_delta"]),
    ("anthropic_*::messages_tools", &["tool_result", "disable_parallel_tool_use", "tool_use"]),
    ("anthropic_*::messages_tools_streamed", &["input_json_delta"]),
    ("anthropic_*::models", &[r#""id":"claude-hello""#, r#""type":"model""#]),
    ("cohere_python::embed", &["there is nothing at /v2/embed"]),
    ("cohere_python::rerank*", &["/v2/rerank", "relevance_score"]),
    ("cohere_python::rerank_of_the_first_version", &[r#""text":"Goodbye.""#]),
    ("langchain_python::embeddings*", &["[0.5,-0.25,1"]),
    ("langchain_python::embeddings", &[r#"input\":[[72,101,108,108,111],["#]),
    ("langchain_python::responses", &["/v1/responses", "function_call_output"]),
    ("langchain_python::structured_output", &["json_schema", "tool_choice", "json_object"]),
    ("langchain_python::tools*", &[r#""name":"Weather""#, "tool_calls"]),
];

impl Library {
    /// The cases of its script, each a trial.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &'static str> {
        self.cases.iter().copied().flatten().copied()
    }

    /// What a case is there for.
    pub(crate) fn meant(&self, case: &str) -> impl Iterator<Item = &'static str> {
        let trial = format!("{}::{case}", self.name);
        let all = MEANT.iter().filter(move |(pattern, _)| matches(pattern, &trial));
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
