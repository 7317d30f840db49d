//! Fireworks' audio, which has a host for each of its models.

use std::sync::Arc;

use async_trait::async_trait;
use ferro_core::{
    CallContext, ErrorKind, Provider, ProviderError, Reply, Serve, Surface, Wire,
    upload::{Transcriptions, Translations},
};
use ferro_dialect_openai::Passing;
use http::HeaderMap;

use crate::vendors::FIREWORKS;

/// The hosts, each named after its model (docs.fireworks.ai/api-reference, `audio-transcriptions` for the
/// models and `create-batch-request` for the hosts; read 2026-12-01).
pub(crate) static HOSTS: &[(&str, &str)] = &[
    ("whisper-v3", "https://audio-prod.api.fireworks.ai"),
    ("whisper-v3-turbo", "https://audio-turbo.api.fireworks.ai"),
];

/// What is heard, there; or below `root`, where an operator says that the vendor is.
pub(crate) fn audio(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    let below = |root: &str| FIREWORKS.passing(root, headers);
    Arc::new(Audio { there: below("/v1"), here: below(root) })
}

#[derive(Debug)]
struct Audio {
    /// At the hosts.
    there: Passing,
    /// At the first host.
    here: Passing,
}

impl Provider for Audio {
    fn transcriptions(&self) -> Option<&dyn Serve<Transcriptions>> {
        Some(self)
    }

    fn translations(&self) -> Option<&dyn Serve<Translations>> {
        Some(self)
    }
}

#[async_trait]
impl<S: Surface> Serve<S> for Audio
where
    Passing: Wire<S>,
{
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &S::Request,
    ) -> Result<Reply<S>, ProviderError> {
        if cx.others.is_empty() {
            return self.here.serve(cx, request).await;
        }
        // Its models have long names too: `accounts/fireworks/models/whisper-v3`.
        let name = cx.call.model.rsplit('/').next().unwrap_or_default();
        let host = cx.other(name).ok_or_else(|| {
            let model = cx.call.model;
            let message = format!(
                "model: `{model}` hears nothing: this vendor has whisper-v3 and whisper-v3-turbo"
            );
            ProviderError::new(ErrorKind::Invalid).with_message(message).with_field("model")
        })?;
        self.there.serve(&cx.at(&**host), request).await
    }
}
