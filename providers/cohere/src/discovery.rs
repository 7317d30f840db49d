//! Cohere's list of its models, page by page.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::provider::Cohere;

/// More pages of a thousand than there are models: a token that leads back must not be followed for
/// ever.
const MOST_PAGES: usize = 20;

#[async_trait]
impl Discover for Cohere {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let (mut models, mut token) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = read(&self.page(cx, &token).await?)?;
            models.extend(page.models.into_iter().filter_map(Listed::model));
            match page.next_page_token.filter(|token| !token.is_empty()) {
                Some(next) => token = next,
                None => break,
            }
        }
        Ok(models)
    }
}

impl Cohere {
    async fn page(&self, cx: &CallContext<'_>, token: &str) -> Result<Bytes, ProviderError> {
        let mut uri = format!("{}/v1/models?endpoint=chat&page_size=1000", self.path);
        if !token.is_empty() {
            uri.push_str("&page_token=");
            uri.extend(utf8_percent_encode(token, NON_ALPHANUMERIC));
        }
        let place = uri.parse().map_err(|_| malformed("the next page has no address"))?;
        drive::get(&self.documents, cx, place, &self.headers).await
    }
}

#[derive(Deserialize)]
struct Page {
    models: Vec<Listed>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    context_length: Option<f64>,
    #[serde(default)]
    is_deprecated: Option<bool>,
}

impl Listed {
    fn model(self) -> Option<DiscoveredModel> {
        let name = self.name.filter(|name| !name.is_empty())?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let window = self.context_length.map(|length| length as u64).filter(|length| *length > 0);
        let is_offered = self.is_deprecated != Some(true);
        is_offered.then(|| DiscoveredModel::new(name).with_context_window(window))
    }
}

fn read(body: &[u8]) -> Result<Page, ProviderError> {
    serde_json::from_slice(body)
        .map_err(|error| malformed("the list of models is not one").with_source(error))
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
