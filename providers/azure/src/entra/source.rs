//! A token that is held until it has to be renewed.

use async_trait::async_trait;
use ferro_core::{
    BuildContext, BuildError, Credential, CredentialContext, CredentialError, CredentialSource,
    Renewal,
};

use super::{Entra, ask, identity::Identity};

/// Tokens of Entra ID for one scope.
#[derive(Debug)]
pub(crate) struct EntraSource {
    identity: Identity,
    scope: String,
    renewal: Renewal,
}

impl EntraSource {
    /// Tokens for `scope`, unless the operator says for which.
    pub(crate) fn of(
        mut entra: Entra,
        scope: &str,
        cx: &BuildContext<'_>,
    ) -> Result<Self, BuildError> {
        let scope = entra.scope.take().unwrap_or_else(|| scope.to_owned());
        Ok(Self { identity: entra.identity(cx)?, scope, renewal: Renewal::default() })
    }
}

#[async_trait]
impl CredentialSource for EntraSource {
    async fn current(&self, cx: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        self.renewal.current(|| ask::token(&self.identity, &self.scope, cx)).await
    }

    fn at_hand(&self) -> Option<Credential> {
        self.renewal.at_hand()
    }

    fn refused(&self, used: &Credential) {
        self.renewal.refused(used);
    }
}
