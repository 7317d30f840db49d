//! The models that a region offers: those that are asked by their own name, and the profiles through
//! which the others are.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, Payload, ProviderError};
use futures_util::StreamExt;
use http::{Request, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::DeserializeOwned};

use crate::provider::Bedrock;

/// More pages than any account has.
const MOST_PAGES: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Models {
    model_summaries: Vec<Model>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    model_id: String,
    #[serde(default)]
    output_modalities: Vec<String>,
    #[serde(default)]
    inference_types_supported: Vec<String>,
    #[serde(default)]
    model_lifecycle: Lifecycle,
}

#[derive(Default, Deserialize)]
struct Lifecycle {
    #[serde(default)]
    status: String,
}

impl Model {
    /// Whether a chat can ask it by this name.
    fn answers(&self) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|own| own == word);
        has(&self.output_modalities, "TEXT")
            && has(&self.inference_types_supported, "ON_DEMAND")
            && matches!(self.model_lifecycle.status.as_str(), "" | "ACTIVE" | "LEGACY")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profiles {
    inference_profile_summaries: Vec<Profile>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    inference_profile_id: String,
    #[serde(default)]
    status: String,
}

#[async_trait]
impl Discover for Bedrock {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let listed: Models = self.page(cx, "/foundation-models").await?;
        let names = listed.model_summaries.into_iter().filter(Model::answers);
        let mut names: Vec<_> = names.map(|model| model.model_id).collect();
        let mut path = "/inference-profiles?maxResults=1000".to_owned();
        for _ in 0..MOST_PAGES {
            let page: Profiles = self.page(cx, &path).await?;
            let profiles = page.inference_profile_summaries.into_iter();
            let active =
                profiles.filter(|profile| matches!(profile.status.as_str(), "" | "ACTIVE"));
            names.extend(active.map(|profile| profile.inference_profile_id));
            let Some(token) = page.next_token.filter(|token| !token.is_empty()) else { break };
            let token = utf8_percent_encode(&token, NON_ALPHANUMERIC);
            path = format!("/inference-profiles?maxResults=1000&nextToken={token}");
        }
        Ok(names.into_iter().map(DiscoveredModel::new).collect())
    }
}

impl Bedrock {
    async fn page<T: DeserializeOwned>(
        &self,
        cx: &CallContext<'_>,
        path: &str,
    ) -> Result<T, ProviderError> {
        let (origin, prefix) = &self.control;
        let uri: Result<Uri, _> = format!("{prefix}{path}").parse();
        let mut request = Request::new(Payload::empty());
        *request.uri_mut() =
            uri.map_err(|error| malformed("it asks for no page").with_source(error))?;
        *request.headers_mut() = self.headers().clone();
        self.show(cx.credential, &mut request, (origin, cx.call.now))?;
        let upstream = cx.other("control").map_or(cx.upstream, |control| &**control);
        let (head, mut inflow) = upstream.send(request).await?.into_parts();
        let mut body = Vec::new();
        while let Some(piece) = inflow.next().await {
            body.extend_from_slice(&piece?);
            if body.len() > cx.max_reply {
                return Err(malformed("the list of models is too large"));
            }
        }
        if !head.status.is_success() {
            let mut error = self.refused(&head, Bytes::from(body));
            if let Some(secret) = cx.credential.secret() {
                error.redact(secret.expose());
            }
            return Err(error);
        }
        serde_json::from_slice(&body)
            .map_err(|error| malformed("the list of models is not one").with_source(error))
    }
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}
