//! The deployments of a resource.

use async_trait::async_trait;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive};
use serde::Deserialize;

use crate::openai::AzureOpenAi;

/// The stable version that lists deployments; later ones leave that to Azure's management.
const VERSION: &str = "2022-12-01";

#[async_trait]
impl Discover for AzureOpenAi {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let uri = format!("{}/openai/deployments?api-version={VERSION}", self.path);
        let place = uri.parse().map_err(|_| malformed("the list has no address"))?;
        let body = drive::get(self, cx, place, &self.headers).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    created_at: Option<u64>,
}

/// Deployments that can be asked: one that is on its way, or failed, cannot.
fn read(body: &[u8]) -> Result<Vec<DiscoveredModel>, ProviderError> {
    let listing: Listing = serde_json::from_slice(body)
        .map_err(|error| malformed("the list of deployments is not one").with_source(error))?;
    let model = |listed: Listed| {
        let is_there = listed.status.is_none_or(|status| status == "succeeded");
        let id = listed.id.filter(|id| is_there && !id.is_empty())?;
        Some(DiscoveredModel::new(id).with_created(listed.created_at))
    };
    Ok(listing.data.into_iter().filter_map(model).collect())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_that_cannot_be_asked_is_not_listed() {
        let body = br#"{"object":"list","data":[{"id":"a","model":"gpt-4o","status":"succeeded","created_at":7},{"id":"b","status":"running"},{"id":""},{"id":"c"}]}"#;
        let expected = [DiscoveredModel::new("a").with_created(Some(7)), DiscoveredModel::new("c")];
        assert_eq!(read(body).unwrap(), expected);
        assert_eq!(read(b"{}").unwrap_err().kind(), ErrorKind::Malformed);
    }
}
