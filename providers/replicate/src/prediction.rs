//! A prediction as the API shows it: how far it is, what came of it, what it took.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, Usage, retry_after};
use ferro_dialect_openai::refusal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::SystemTime;

/// A prediction.
#[derive(Debug, Deserialize)]
pub(crate) struct Prediction {
    pub(crate) id: String,
    status: Status,
    #[serde(default)]
    output: Option<Box<RawValue>>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    metrics: Option<Metrics>,
    #[serde(default)]
    urls: Urls,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Succeeded,
    Failed,
    Canceled,
    /// Given up before it began.
    Aborted,
    /// It waits, or runs.
    #[serde(other)]
    Running,
}

#[derive(Debug, Deserialize)]
struct Metrics {
    #[serde(default)]
    input_token_count: Option<u64>,
    #[serde(default)]
    output_token_count: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Urls {
    #[serde(default)]
    stream: Option<String>,
}

impl Prediction {
    /// Reads a prediction.
    ///
    /// # Errors
    ///
    /// Of kind `Malformed` where it is none; otherwise what made it fail.
    pub(crate) fn read(body: &Bytes) -> Result<Self, ProviderError> {
        let read: Result<Self, _> = serde_json::from_slice(body);
        let prediction =
            read.map_err(|error| malformed("the prediction is none").with_source(error))?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if prediction.id.is_empty() || !prediction.id.bytes().all(is_plain) {
            return Err(malformed("the prediction has no name that can be asked for"));
        }
        Ok(prediction)
    }

    /// Whether it is over, and how.
    pub(crate) fn ended(&self, body: &Bytes) -> Option<Result<(), ProviderError>> {
        match self.status {
            Status::Running => None,
            Status::Succeeded => Some(Ok(())),
            Status::Failed => Some(Err(failed(body.clone()))),
            Status::Canceled | Status::Aborted => Some(Err(stopped().with_body(body.clone()))),
        }
    }

    /// Where its output is streamed, if it is.
    pub(crate) fn stream(&self) -> Option<&str> {
        self.urls.stream.as_deref()
    }

    /// When it was made, in seconds since 1970; `now` if it does not say so.
    pub(crate) fn created(&self, now: SystemTime) -> u64 {
        let made = self.created_at.as_deref().and_then(retry_after::instant).unwrap_or(now);
        made.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    /// What the model wrote: a text, pieces of one, or some JSON of its own.
    pub(crate) fn text(&self) -> String {
        let Some(output) = self.output.as_deref() else { return String::new() };
        if let Ok(text) = serde_json::from_str::<String>(output.get()) {
            return text;
        }
        match serde_json::from_str::<Vec<String>>(output.get()) {
            Ok(pieces) => pieces.concat(),
            Err(_) => output.get().to_owned(),
        }
    }

    /// Where what the model painted is: one address, or several.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let Some(output) = self.output.as_deref() else { return Vec::new() };
        let one = serde_json::from_str::<String>(output.get()).map(|one| vec![one]);
        let all = one.or_else(|_| serde_json::from_str(output.get())).unwrap_or_default();
        all.into_iter().filter(|address: &String| address.contains(':')).collect()
    }

    /// What it took, if it says so.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let metrics = self.metrics.as_ref()?;
        let (read, written) = (metrics.input_token_count, metrics.output_token_count);
        let is_counted = read.is_some() || written.is_some();
        is_counted.then(|| Usage::new(read.unwrap_or_default(), written.unwrap_or_default()))
    }
}

/// About what a reply of so many bytes took, where nobody says it.
pub(crate) fn estimated(prompt_tokens: u64, written: usize) -> Usage {
    /// Bytes of text that make a token, about.
    const BYTES_PER_TOKEN: usize = 4;
    let mut usage = Usage::new(prompt_tokens, written.div_ceil(BYTES_PER_TOKEN) as u64);
    usage.estimated = true;
    usage
}

/// Why a prediction failed, in the model's own words.
pub(crate) fn failed(body: Bytes) -> ProviderError {
    let error = refusal::in_band(body, &[]);
    let says = |words: &str| error.message().is_some_and(|said| said.contains(words));
    let kind = match error.kind() {
        ErrorKind::Unavailable if says("flagged as sensitive") => ErrorKind::ContentPolicy,
        ErrorKind::Unavailable if says("high demand") => ErrorKind::Overloaded,
        kind => kind,
    };
    let error = error.with_kind(kind);
    match error.message() {
        Some(_) => error,
        None => error.with_message("the prediction failed, and does not say why"),
    }
}

/// Somebody else stopped it, or its time was up.
pub(crate) fn stopped() -> ProviderError {
    ProviderError::new(ErrorKind::Interrupted).with_message("the prediction was canceled")
}

pub(crate) fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &'static str) -> (Prediction, Bytes) {
        let body = Bytes::from_static(json.as_bytes());
        (Prediction::read(&body).unwrap(), body)
    }

    #[test]
    fn an_output_is_a_text_or_pieces_of_one() {
        for (output, text) in [
            ("null", ""),
            (r#""caf\u00e9""#, "café"),
            (r#"["a"," b",""]"#, "a b"),
            (r#"{"x":1.0}"#, r#"{"x":1.0}"#),
        ] {
            let body =
                Bytes::from(format!(r#"{{"id":"a","status":"succeeded","output":{output}}}"#));
            assert_eq!(Prediction::read(&body).unwrap().text(), text);
        }
    }

    #[test]
    fn a_status_that_is_not_known_is_not_the_end() {
        for (status, kind) in [
            ("starting", None),
            ("processing", None),
            ("queued", None),
            ("failed", Some(ErrorKind::Unavailable)),
            ("canceled", Some(ErrorKind::Interrupted)),
            ("aborted", Some(ErrorKind::Interrupted)),
        ] {
            let body = Bytes::from(format!(r#"{{"id":"a","status":"{status}"}}"#));
            let ended = Prediction::read(&body).unwrap().ended(&body);
            assert_eq!(ended.map(|end| end.unwrap_err().kind()), kind, "{status}");
        }
    }

    #[test]
    fn a_failure_says_what_it_is() {
        for (error, kind) in [
            ("CUDA out of memory", ErrorKind::Unavailable),
            ("The input or output was flagged as sensitive. (E005)", ErrorKind::ContentPolicy),
            ("Service is unavailable due to high demand. (E003)", ErrorKind::Overloaded),
            ("prompt is too long for this model", ErrorKind::Unavailable),
        ] {
            let body = Bytes::from(format!(r#"{{"id":"a","status":"failed","error":"{error}"}}"#));
            let failure = Prediction::read(&body).unwrap().ended(&body).unwrap().unwrap_err();
            assert_eq!((failure.kind(), failure.message()), (kind, Some(error)));
        }
        let (silent, body) = read(r#"{"id":"a","status":"failed","error":null}"#);
        assert!(silent.ended(&body).unwrap().unwrap_err().message().is_some());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        for id in ["", "a/b", "..", "a?b", "a b"] {
            let body = Bytes::from(format!(r#"{{"id":"{id}","status":"starting"}}"#));
            assert_eq!(Prediction::read(&body).unwrap_err().kind(), ErrorKind::Malformed, "{id}");
        }
    }
}
