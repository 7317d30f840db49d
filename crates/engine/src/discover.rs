//! Asks a target's vendor which models it has.

use ferro_core::{Call, CallContext, Credential, DiscoveredModel, ErrorKind, ProviderError};

use crate::{Engine, Target};

impl Engine {
    /// The models that a target's vendor lists; `None` if it lists none to anybody.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call.
    pub async fn discover(
        &self,
        target: &Target,
    ) -> Result<Option<Vec<DiscoveredModel>>, ProviderError> {
        let parts = target.parts();
        let Some(discover) = parts.provider.discover() else { return Ok(None) };
        let source = parts.keys.first().map(|(source, _)| source);
        let credential = match source {
            None => Credential::None,
            Some(source) => {
                source.current(&self.parts.issuers.context()).await.map_err(|error| {
                    ProviderError::new(ErrorKind::Unauthorized).with_message(error.to_string())
                })?
            }
        };
        let call = Call::new(target.id(), "");
        let cx = CallContext::new(call, &*parts.upstream, &*self.parts.transport, &credential)
            .with_others(&parts.others)
            .with_max_reply(self.parts.max_reply);
        discover.models(&cx).await.map(Some).map_err(|mut error| {
            if let Some(source) = source.filter(|_| error.kind() == ErrorKind::Unauthorized) {
                source.refused(&credential);
            }
            error.mask(&credential);
            error
        })
    }
}
