//! Which script answers a request: a table of model names.

use serde_json::Value;

use crate::{
    Events, Received, Reply, Script, Shape,
    answer::{self, Content},
    asked::Asked,
    faults, refusal,
};

/// An answer, from what is asked and the numbers in the model's name.
type Answers = fn(&Asked<'_>, &[usize]) -> Script;

/// A model that does not answer as others do.
pub(crate) struct Entry {
    /// Its name; numbers may follow, each after a dash.
    pub(crate) name: &'static str,
    /// What happens, with `N` for the number and what it is where none is given.
    meaning: &'static str,
    says: Answers,
}

const fn entry(name: &'static str, meaning: &'static str, says: Answers) -> Entry {
    Entry { name, meaning, says }
}

static BOOK: &[Entry] = &[
    entry("words", "an answer of N (100) words", faults::words),
    entry("refusal", "the model refuses in its own words", faults::refused),
    entry("reasoning", "the model thinks before it speaks", faults::reasoning),
    entry(
        "late",
        "the answer, or its first token, comes after N (1000) milliseconds",
        faults::late,
    ),
    entry("slow", "N (100) milliseconds between two tokens, or two pieces of a body", faults::slow),
    entry(
        "paced",
        "paced-F-E-W-N: N (100) words, W (1) events a write, F (20) ms before, E (5) between",
        faults::paced,
    ),
    entry("comments", "keep-alive comments between the events, N (1) ms apart", faults::comments),
    entry(
        "cut",
        "the connection closes after N events (before the finish), or in a body",
        faults::cut,
    ),
    entry("reset", "the connection is reset, after N (0) events or in a body", faults::reset),
    entry("dead", "the connection closes unanswered", faults::dead),
    entry("stall-head", "nothing is ever answered", faults::stall_head),
    entry("stall", "silence after N (1) events; a whole body stops half-way", faults::stall),
    entry("empty", "a stream without an event, a body without a byte", faults::empty),
    entry(
        "no-done",
        "a stream that ends in order but does not say that it is done",
        faults::no_done,
    ),
    entry("short", "the body ends N (10) bytes before its announced length", faults::short),
    entry("long", "N (10) more bytes than were announced", faults::long),
    entry("huge", "a body, or one event, of N (20) MiB", faults::huge),
    entry("garbage", "bytes that are not HTTP", faults::garbage),
    entry("bad-json", "a body, or the second event, that is not JSON", faults::bad_json),
    entry("bad-sse", "a stream whose lines are not events", faults::bad_sse),
    entry("error-in-200", "status 200, and an error in the body", faults::error_in_200),
    entry(
        "error-in-stream",
        "an error among the events, after N (2) of them",
        faults::error_in_stream,
    ),
    entry("error", "status N (500); a shape may follow, as in error-429-anthropic", faults::error),
];

/// Model names that get something other than an ordinary answer, and what that is.
pub fn model_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    BOOK.iter().map(|entry| (entry.name, entry.meaning))
}

/// The answer to a request where nobody has brought another: for those who bring one to some requests
/// alone.
pub fn by_the_book(request: &Received) -> Script {
    let path = request.path.split('?').next().unwrap_or_default();
    if request.method == "GET" {
        return match path.split_once("/models") {
            Some((_, "" | "/")) => answer::list().into(),
            Some((_, rest)) => answer::one(rest.trim_start_matches('/')).into(),
            None => nothing_at(request),
        };
    }
    if let Some(media) = answer::media(path, request) {
        return media;
    }
    if !path.ends_with("/chat/completions") {
        let asked = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let fault = asked["model"].as_str().and_then(faults::error_by_shape);
        return fault
            .or_else(|| answer::document(path, &asked))
            .unwrap_or_else(|| nothing_at(request));
    }
    match serde_json::from_slice::<Asked<'_>>(&request.body) {
        Ok(asked) => chat(&asked),
        Err(_) => refusal(400, Shape::OpenAi).into(),
    }
}

fn chat(asked: &Asked<'_>) -> Script {
    if let Some(script) = faults::error_by_shape(&asked.model) {
        return script;
    }
    let find = || {
        let exact = BOOK.iter().find(|entry| entry.name == asked.model);
        let numbered =
            || BOOK.iter().find_map(|entry| Some((entry, numbers(entry, &asked.model)?)));
        exact.map(|entry| (entry, Vec::new())).or_else(numbered)
    };
    match find() {
        Some((entry, numbers)) => (entry.says)(asked, &numbers),
        None => ordinary(asked, &Content::of(asked)),
    }
}

/// The numbers behind an entry's name.
fn numbers(entry: &Entry, model: &str) -> Option<Vec<usize>> {
    let rest = model.strip_prefix(entry.name)?.strip_prefix('-')?;
    rest.split('-').map(|number| number.parse().ok()).collect()
}

/// The content in the form that was asked for.
pub(crate) fn ordinary(asked: &Asked<'_>, content: &Content) -> Script {
    if asked.stream() {
        Events::new(answer::chunks(asked, content)).into()
    } else {
        let reply = Reply::json(200, answer::whole(asked, content));
        reply.header("openai-processing-ms", "7").header("openai-version", "2020-10-01").into()
    }
}

fn nothing_at(request: &Received) -> Script {
    let words = format!("Invalid URL ({} {})", request.method, request.path);
    let words = serde_json::to_string(&words).expect("a string is JSON");
    let body = format!(
        r#"{{"error":{{"message":{words},"type":"invalid_request_error","param":null,"code":null}}}}"#
    );
    Reply::json(404, body).into()
}
