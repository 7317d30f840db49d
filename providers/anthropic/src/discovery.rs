//! The vendor's list of its models, page by page.

use std::fmt::Write;

use async_trait::async_trait;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive};
use serde::Deserialize;

use crate::provider::Anthropic;

/// So many pages are read, of a thousand models each.
const MOST_PAGES: usize = 16;

#[derive(Debug, Deserialize)]
struct Page {
    data: Vec<Listed>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    last_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    id: String,
    #[serde(default)]
    max_input_tokens: Option<u64>,
    /// `retired` models are listed, and do not answer.
    #[serde(default)]
    lifecycle: Option<String>,
}

#[async_trait]
impl Discover for Anthropic {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let (mut models, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = self.page(cx, after.as_deref()).await?;
            let is_there = |listed: &Listed| {
                !listed.id.is_empty() && listed.lifecycle.as_deref() != Some("retired")
            };
            let known = page.data.into_iter().filter(is_there);
            models.extend(known.map(|listed| {
                DiscoveredModel::new(listed.id).with_context_window(listed.max_input_tokens)
            }));
            match page.last_id.filter(|last| page.has_more && after.as_ref() != Some(last)) {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        Ok(models)
    }
}

impl Anthropic {
    async fn page(&self, cx: &CallContext<'_>, after: Option<&str>) -> Result<Page, ProviderError> {
        let listing = match after {
            Some(last) => format!("{}&after_id={}", self.listing, escaped(last)),
            None => self.listing.clone(),
        };
        let place = listing.parse().expect("a path from a URL, and an escaped name");
        let body = drive::get(&self.native, cx, place, &self.native.site().headers).await?;
        serde_json::from_slice(&body)
            .map_err(|error| malformed("the list of models is not one").with_source(error))
    }
}

/// A name as a part of a URL's query.
fn escaped(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a string takes text");
        }
    }
    escaped
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
