//! The models that a server holds.

use std::time::SystemTime;

use async_trait::async_trait;
use ferro_core::{
    CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive, retry_after,
};
use serde::Deserialize;

use crate::provider::Ollama;

#[async_trait]
impl Discover for Ollama {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let body = drive::get(self, cx, self.tags.clone(), &self.headers).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    /// Older servers say only this.
    #[serde(default)]
    name: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    modified_at: String,
}

fn read(body: &[u8]) -> Result<Vec<DiscoveredModel>, ProviderError> {
    let tags: Tags = serde_json::from_slice(body)
        .map_err(|error| malformed("the list of models is not one").with_source(error))?;
    let model = |tag: Tag| {
        let id = if tag.model.is_empty() { tag.name } else { tag.model };
        let created = retry_after::instant(&tag.modified_at);
        let created = created.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let model = DiscoveredModel::new(id).with_created(created.map(|since| since.as_secs()));
        (!model.id.is_empty()).then_some(model)
    };
    Ok(tags.models.into_iter().filter_map(model).collect())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_its_tag() {
        // The example of the API's description, shortened.
        let body = br#"{"models":[
            {"name":"codellama:13b","modified_at":"2023-11-04T14:56:49.277302595-07:00","size":7365960935},
            {"name":"llama3:latest","model":"llama3:latest","modified_at":"2023-12-07T09:32:18.757212583-08:00"},
            {"size":1}]}"#;
        let models = read(body).unwrap();
        let expected = [("codellama:13b", 1_699_135_009), ("llama3:latest", 1_701_970_338)];
        let expected = expected.map(|(id, at)| DiscoveredModel::new(id).with_created(Some(at)));
        assert_eq!(models, expected);
        assert_eq!(read(b"{}").unwrap_err().kind(), ErrorKind::Malformed);
    }
}
