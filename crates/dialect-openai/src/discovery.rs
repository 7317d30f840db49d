//! A vendor's list of its models.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, Payload, ProviderError};
use futures_util::StreamExt;
use http::{Request, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{provider::Compatible, refusal};

#[async_trait]
impl Discover for Compatible {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let listing = self.listing.clone().ok_or_else(|| malformed("no list is kept here"))?;
        let mut request = Request::new(Payload::empty());
        *request.uri_mut() = listing;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().remove(header::CONTENT_TYPE);
        self.show(cx.credential, &mut request)?;
        let (head, mut inflow) = cx.upstream.send(request).await?.into_parts();
        let mut body = Vec::new();
        while let Some(piece) = inflow.next().await {
            body.extend_from_slice(&piece?);
            if body.len() > cx.max_reply {
                return Err(malformed("the list of models is too large"));
            }
        }
        if !head.status.is_success() {
            return Err(refusal::read(&head, Bytes::from(body), self.vendor.codes));
        }
        read(&body)
    }
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    /// Not a number everywhere.
    #[serde(default)]
    created: Value,
}

/// Most wrap the list in an object; some send it bare.
fn read(body: &[u8]) -> Result<Vec<DiscoveredModel>, ProviderError> {
    let listed = serde_json::from_slice::<Listing>(body)
        .map(|listing| listing.data)
        .or_else(|_| serde_json::from_slice::<Vec<Listed>>(body))
        .map_err(|error| malformed("the list of models is not one").with_source(error))?;
    let model = |listed: Listed| {
        DiscoveredModel::new(listed.id).with_created(listed.created.as_u64().filter(|at| *at > 0))
    };
    Ok(listed.into_iter().map(model).collect())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_wrapped_or_bare() {
        let models = br#"[{"id":"a","object":"model","created":7,"context_length":9},{"id":"b","created":null},{"id":"c","created":"2026"}]"#;
        let wrapped = [&b"{\"object\":\"list\",\"data\":"[..], models, b"}"].concat();
        for body in [&models[..], &wrapped] {
            let models = read(body).unwrap();
            assert_eq!(models[0], DiscoveredModel::new("a").with_created(Some(7)));
            assert_eq!(models[1..], [DiscoveredModel::new("b"), DiscoveredModel::new("c")]);
        }
        assert_eq!(read(b"{}").unwrap_err().kind(), ErrorKind::Malformed);
    }
}
