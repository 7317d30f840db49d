//! The models that the Gemini API lists: a page after the other.

use async_trait::async_trait;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::provider::Gemini;

/// As many pages as a list that ends has.
const MOST_PAGES: usize = 32;

#[async_trait]
impl Discover for Gemini {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let (mut models, mut token) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = self.page(cx, &token).await?;
            models.extend(page.models.into_iter().filter(Listed::talks).map(Listed::model));
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(models);
            }
        }
        Err(malformed("the list of models does not end"))
    }
}

impl Gemini {
    async fn page(&self, cx: &CallContext<'_>, token: &str) -> Result<Page, ProviderError> {
        let mut path = format!("{}/models?pageSize=1000", self.root);
        if !token.is_empty() {
            path += "&pageToken=";
            path.extend(utf8_percent_encode(token, NON_ALPHANUMERIC));
        }
        let place = path.parse().expect("a path from a URL, and what is escaped");
        let body = drive::get(self, cx, place, &self.headers).await?;
        serde_json::from_slice(&body)
            .map_err(|error| malformed("the list of models is not one").with_source(error))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    models: Vec<Listed>,
    #[serde(default)]
    next_page_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(default)]
    input_token_limit: Option<u64>,
    #[serde(default)]
    supported_generation_methods: Vec<String>,
}

impl Listed {
    /// Whether it answers, as opposed to one that only embeds.
    fn talks(&self) -> bool {
        self.supported_generation_methods.iter().any(|method| method == "generateContent")
    }

    fn model(self) -> DiscoveredModel {
        let id = self.name.strip_prefix("models/").unwrap_or(&self.name);
        DiscoveredModel::new(id).with_context_window(self.input_token_limit)
    }
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
