//! What a target is shown so that it answers, and where that comes from.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use http::HeaderValue;

use crate::Secret;

/// What a target is shown.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: the target asks for none.
    #[default]
    None,
    /// A key, or a token that is used like one.
    ApiKey(ApiKey),
}

impl Credential {
    /// The secret inside, so that it can be recognised (and masked) where an upstream echoes it.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::None => None,
            Self::ApiKey(key) => Some(&key.0.secret),
        }
    }
}

/// A key with its header values made once, because a key is shown with every request. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct ApiKey(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    secret: Secret,
    bearer: HeaderValue,
    bare: HeaderValue,
}

impl ApiKey {
    /// Takes a key; `None` if it holds a byte that no header may carry.
    pub fn new(secret: Secret) -> Option<Self> {
        let (bearer, bare) = (secret.to_header("Bearer ")?, secret.to_header("")?);
        Some(Self(Arc::new(Shown { secret, bearer, bare })))
    }

    /// `Bearer <key>`.
    pub fn bearer(&self) -> &HeaderValue {
        &self.0.bearer
    }

    /// `<key>`, for headers such as `x-api-key`.
    pub fn bare(&self) -> &HeaderValue {
        &self.0.bare
    }
}

/// Where a target's credential comes from: a fixed key, a token that is refreshed, a pool.
#[async_trait]
pub trait CredentialSource: Debug + Send + Sync {
    /// The credential to use now. Answers from memory whenever it can; refreshes ahead of expiry.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: a refresh under way serves the next caller.
    async fn current(&self) -> Result<Credential, CredentialError>;

    /// The same, where it is known without waiting for anything; where it is not,
    /// [`current`](Self::current) is asked.
    fn at_hand(&self) -> Option<Credential> {
        None
    }

    /// The upstream refused `used` as wrong or expired.
    fn refused(&self, used: &Credential) {
        let _ = used;
    }
}

/// A credential could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CredentialError {
    /// What is missing or failed, and what to do about it.
    pub message: String,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A credential that never changes.
#[derive(Clone, Debug, Default)]
pub struct StaticCredential(pub Credential);

#[async_trait]
impl CredentialSource for StaticCredential {
    async fn current(&self) -> Result<Credential, CredentialError> {
        Ok(self.0.clone())
    }

    fn at_hand(&self) -> Option<Credential> {
        Some(self.0.clone())
    }
}
