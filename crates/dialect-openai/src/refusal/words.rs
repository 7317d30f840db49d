//! What an error's body says, whatever its envelope.

use std::time::Duration;

use ferro_core::retry_after;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// Longer words are cut: they are for a person.
const MAX_WORDS: usize = 2048;

/// What an error's body says.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// For a person.
    pub(super) message: Option<String>,
    /// What a gateway upstream was told by its own vendor.
    raw: Option<String>,
    /// Codes, types, statuses and reasons, the most telling first.
    pub(super) codes: Vec<String>,
    /// How long to wait.
    pub(super) wait: Option<Duration>,
}

impl Words {
    pub(super) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            // Some wrap the envelope in an array.
            Ok(value) => Self::of(value.get(0).unwrap_or(&value)),
            Err(_) => Self { message: plain(body), ..Self::default() },
        }
    }

    fn of(value: &Value) -> Self {
        let told = |error: &&Value| !error.is_null();
        let in_choice = value.pointer("/choices/0/error");
        let error = value.get("error").filter(told).or(in_choice).unwrap_or(value);
        let error = error.get("error").unwrap_or(error);
        Self {
            message: message(value, error),
            raw: error.pointer("/metadata/raw").and_then(Value::as_str).map(cut),
            codes: codes(value, error),
            wait: wait(value, error),
        }
    }

    /// Whether one of the codes is one of these; a word that ends with `*` is a beginning.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        self.codes.iter().any(|code| {
            words.iter().any(|word| match word.strip_suffix('*') {
                Some(beginning) => code.starts_with(beginning),
                None => code == word,
            })
        })
    }

    /// Whether the words hold one of these, in any case.
    pub(super) fn say(&self, phrases: &[&str]) -> bool {
        [&self.message, &self.raw].into_iter().flatten().any(|said| {
            let said = said.to_ascii_lowercase();
            phrases.iter().any(|phrase| said.contains(phrase))
        })
    }
}

/// Where words for a person stand, in the error itself and in what is around it.
const MESSAGES: &[&str] = &[
    "",
    "/message",
    "/msg",
    "/Message",
    "/detail",
    "/detail/error",
    "/detail/message",
    "/errors/0/message",
    "/errors/0",
    "/base_resp/status_msg",
];

/// Where a validator puts its complaints.
const CHECKS: &[&str] = &["/detail/0", "/message/detail/0", "/message/0"];

fn message(value: &Value, error: &Value) -> Option<String> {
    let places = |pointers: &'static [&str]| {
        [error, value].into_iter().flat_map(|at| pointers.iter().filter_map(|p| at.pointer(p)))
    };
    let said = places(MESSAGES).filter_map(Value::as_str).map(str::trim);
    let said = said.filter(|said| !said.is_empty() && !is_markup(said)).map(cut).next();
    said.or_else(|| places(CHECKS).find_map(failed_check))
}

/// A validator's complaint: what is wrong, and where.
fn failed_check(check: &Value) -> Option<String> {
    let said = check.get("msg")?.as_str()?;
    let place = check
        .get("loc")
        .and_then(Value::as_array)
        .map(|place| place.iter().filter_map(text).collect::<Vec<_>>().join("."));
    Some(cut(&place.map_or_else(|| said.to_owned(), |place| format!("{said} ({place})"))))
}

fn codes(value: &Value, error: &Value) -> Vec<String> {
    let at = |name: &str| error.get(name).or_else(|| value.get(name));
    let mut codes: Vec<_> = [
        at("code"),
        at("error_code"),
        value.pointer("/errors/0/code"),
        value.pointer("/base_resp/status_code"),
        at("type"),
        at("status"),
        error.pointer("/innererror/code"),
    ]
    .into_iter()
    .flatten()
    .filter_map(text)
    .filter(|code| !code.is_empty())
    .collect();
    codes.extend(details(error).filter_map(|detail| text(detail.get("reason")?)));
    codes
}

fn wait(value: &Value, error: &Value) -> Option<Duration> {
    let mut spans = details(error).filter_map(|detail| detail.get("retryDelay")?.as_str());
    let seconds = error.get("retry_after").or_else(|| value.get("estimated_time"));
    spans
        .find_map(retry_after::span)
        .or_else(|| Duration::try_from_secs_f64(seconds?.as_f64()?).ok())
        .or_else(|| retry_after::read(&headers(error.pointer("/metadata/headers")?)))
}

/// Headers that a gateway upstream puts into the body.
fn headers(value: &Value) -> HeaderMap {
    let header = |(name, value): (&String, &Value)| {
        let name = name.parse::<HeaderName>().ok()?;
        Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
    };
    value.as_object().into_iter().flatten().filter_map(header).collect()
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("details").and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(cut(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Words without any envelope. A page for a browser, or half of an envelope, says nothing to a
/// client of this wire.
fn plain(body: &[u8]) -> Option<String> {
    let said = std::str::from_utf8(body).ok()?.trim();
    let is_envelope = said.starts_with(['{', '[']);
    (!said.is_empty() && !is_envelope && !is_markup(said)).then(|| cut(said))
}

/// A page's first tag; some vendors' words begin with a status in such brackets.
fn is_markup(said: &str) -> bool {
    let tag = said.strip_prefix('<').and_then(|rest| rest.chars().next());
    tag.is_some_and(|first| !first.is_ascii_digit())
}

fn cut(said: &str) -> String {
    said.chars().take(MAX_WORDS).collect()
}
