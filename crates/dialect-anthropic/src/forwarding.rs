//! What is passed on in this wire besides messages: batches of them, files.

use std::ops::Range;

use bytes::Bytes;
use ferro_core::{
    ProviderError,
    chat::{Members, Text},
    forward::VendorWords,
};
use ferro_wire::{offset_of, splice};
use serde_json::value::RawValue;

use crate::refusal;

/// The wire's words in a reply that is passed on.
///
/// A batch names the URL of its results, which is the vendor's own, and clients ask for it with whatever
/// key they have (`anthropic` 2.12.0 for Python, `@anthropic-ai/sdk` 1.14.0 for Node): a caller's key would
/// leave for the vendor, who could not use it. So the URL is made a path, below wherever the gateway is
/// reached: libraries put it behind their own base URL, and what takes it for a URL fails without having
/// asked anybody.
#[derive(Clone, Copy, Debug)]
pub struct PassedWords;

impl VendorWords for PassedWords {
    fn error(&self, body: Bytes) -> ProviderError {
        refusal::in_band(body)
    }

    fn shown(&self, body: Bytes) -> Bytes {
        let Some(document) = members(&body) else { return body };
        let listed = document.get("data").and_then(|data| serde_json::from_str(data).ok());
        let listed: Vec<&RawValue> = listed.unwrap_or_default();
        let batches = listed.into_iter().filter_map(|batch| Members::of(batch.get()));
        let edits = [document].into_iter().chain(batches);
        let edits: Vec<_> = edits.filter_map(|batch| results(&body, &batch)).collect();
        if edits.is_empty() { body } else { splice(&body, edits) }
    }
}

fn members(body: &[u8]) -> Option<Members<'_>> {
    Members::of(std::str::from_utf8(body).ok()?)
}

/// Where a batch's URL of results stands, and the path that takes its place.
fn results(body: &[u8], batch: &Members<'_>) -> Option<(Range<usize>, Bytes)> {
    let url = batch.get("results_url").filter(|url| url.starts_with('"'))?;
    let id: Text<'_> = serde_json::from_str(batch.get("id")?).ok()?;
    let path = serde_json::to_vec(&format!("/v1/messages/batches/{id}/results")).ok()?;
    Some((offset_of(body, url.as_bytes()), path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &'static str) -> Bytes {
        PassedWords.shown(Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn results_are_asked_for_at_the_gateway_and_all_else_stays() {
        assert_eq!(
            shown(
                r#"{ "id":"msgbatch_1", "results_url" : "https:\/\/api.anthropic.com/v1/x","n":1e2}"#
            ),
            r#"{ "id":"msgbatch_1", "results_url" : "/v1/messages/batches/msgbatch_1/results","n":1e2}"#
        );
        assert_eq!(
            shown(
                r#"{"data":[{"id":"a","results_url":null},{"results_url":"https://v/x","id":"b"}],"has_more":false}"#
            ),
            r#"{"data":[{"id":"a","results_url":null},{"results_url":"/v1/messages/batches/b/results","id":"b"}],"has_more":false}"#
        );
    }

    #[test]
    fn what_is_no_batch_stays_as_it_is() {
        for body in [r#"{"id":"file_1"}"#, "[1]", "", r#"{"results_url":"https://v"}"#] {
            assert_eq!(shown(body), body);
        }
    }
}
