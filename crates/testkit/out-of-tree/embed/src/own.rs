//! A provider that the program has made itself: it answers without asking anybody.

use std::sync::Arc;

use async_trait::async_trait;
use ferro_core::{
    Built, CallContext, Credential, Head, Origin, OriginError, Provider, ProviderError, Reply,
    ReplyBody, Serve, StaticCredential,
    chat::{Chat, ChatRequest, ChatResponse},
};

#[derive(Debug)]
struct Own;

impl Provider for Own {
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for Own {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        let whole = ChatResponse::new(br#"{"choices":[]}"#.to_vec(), None, None);
        Ok(Reply { head: Head::default(), body: ReplyBody::Whole(whole) })
    }
}

/// The provider, with an origin that it never asks.
pub fn provider() -> Result<Built, OriginError> {
    let (origin, _) = Origin::split("http://127.0.0.1:1")?;
    let credentials = Arc::new(StaticCredential(Credential::None));
    Ok(Built::new(Arc::new(Own), origin, credentials))
}
