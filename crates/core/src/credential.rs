//! What a target is shown so that it answers, and where that comes from.

use std::{fmt::Debug, sync::Arc, time::SystemTime};

use async_trait::async_trait;
use http::HeaderValue;

use crate::{Secret, Transport};

/// What a target is shown.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: the target asks for none.
    #[default]
    None,
    /// A key.
    ApiKey(ApiKey),
    /// A token that somebody issued for a while: where keys and tokens are shown differently, it is
    /// shown as a bearer's.
    Token(ApiKey),
    /// A key that is not shown, and that requests are signed with.
    Signing(SigningKey),
}

impl Credential {
    /// The secret inside, so that it can be recognised (and masked) where an upstream echoes it.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::None => None,
            Self::ApiKey(key) | Self::Token(key) => Some(&key.0.secret),
            Self::Signing(key) => Some(&key.0.secret),
        }
    }

    /// Everything of it that must not be seen: a key that signs has a second one that is shown with
    /// each signature.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let session = match self {
            Self::Signing(key) => key.session(),
            _ => None,
        };
        self.secret().into_iter().chain(session)
    }

    /// Whether the other one is the same secret.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.secret(), other.secret()) {
            (Some(own), Some(other)) => own.expose() == other.expose(),
            (own, other) => own.is_none() && other.is_none(),
        }
    }
}

/// A key that signs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SigningKey(Arc<Signs>);

#[derive(Debug)]
struct Signs {
    id: String,
    secret: Secret,
    session: Option<Secret>,
}

impl SigningKey {
    /// A key of this public name; `session` is what one that was issued for a while is shown with.
    pub fn new(id: impl Into<String>, secret: Secret, session: Option<Secret>) -> Self {
        Self(Arc::new(Signs { id: id.into(), secret, session }))
    }

    /// Its public name.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What signs.
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// What is shown with the signature.
    pub fn session(&self) -> Option<&Secret> {
        self.0.session.as_ref()
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

/// What a source may use in order to ask for a credential.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct CredentialContext<'a> {
    /// The way to any host that the operator chose, and to those that issue tokens.
    pub transport: &'a dyn Transport,
    /// The way to the addresses at which a machine's own cloud tells it who it is, and to no other.
    pub metadata: &'a dyn Transport,
    /// The wall clock, for signatures.
    pub now: SystemTime,
}

impl<'a> CredentialContext<'a> {
    /// What a source may use now.
    pub fn new(transport: &'a dyn Transport, metadata: &'a dyn Transport) -> Self {
        Self { transport, metadata, now: SystemTime::now() }
    }
}

impl Debug for CredentialContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialContext").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Where a target's credential comes from: a fixed key, a token that is refreshed (see
/// [`Renewal`](crate::Renewal)), a pool.
#[async_trait]
pub trait CredentialSource: Debug + Send + Sync {
    /// The credential to use now. Answers from memory whenever it can; refreshes ahead of expiry.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: a refresh under way serves the next caller.
    async fn current(&self, cx: &CredentialContext<'_>) -> Result<Credential, CredentialError>;

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

impl CredentialError {
    /// A credential that cannot be had, for this reason.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Attaches the cause.
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

/// A credential that never changes.
#[derive(Clone, Debug, Default)]
pub struct StaticCredential(pub Credential);

#[async_trait]
impl CredentialSource for StaticCredential {
    async fn current(&self, _: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        Ok(self.0.clone())
    }

    fn at_hand(&self) -> Option<Credential> {
        Some(self.0.clone())
    }
}
