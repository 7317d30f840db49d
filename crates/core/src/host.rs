//! A vendor's host: how it is shown who asks, and how it says no.

use bytes::Bytes;
use http::{HeaderName, Request, header, response::Parts};

use crate::{Call, Credential, ErrorKind, Payload, ProviderError};

/// Where a vendor is asked, whichever surface of it is meant: what all of them have in common.
///
/// As a [`Wire`](crate::Wire), it opens no socket, reads no clock and no environment variable.
pub trait Host: Send + Sync + 'static {
    /// Adds the credential. Separate so that what [`encode`](crate::Wire::encode) returns can be logged,
    /// snapshotted and compared.
    ///
    /// # Errors
    ///
    /// Of kind `Unauthorized` where the credential is of a kind that the vendor is not shown.
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError>;

    /// Reads a refusal: keeps the upstream's words, finds the kind.
    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        ProviderError::from_response(head, body)
    }
}

/// How a vendor is shown a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Auth {
    /// `authorization: Bearer <key>`.
    Bearer,
    /// The key alone, in this header.
    Header(&'static str),
}

impl Auth {
    /// Shows a request's receiver the credential; nothing, where there is none to show.
    ///
    /// # Errors
    ///
    /// Of kind `Unauthorized` where the credential signs, and is not shown.
    pub fn show(
        self,
        credential: &Credential,
        request: &mut Request<Payload>,
    ) -> Result<(), ProviderError> {
        let (name, value) = match (credential, self) {
            (Credential::None, _) => return Ok(()),
            // A token is a bearer's, whatever a key is.
            (Credential::Token(key), _) | (Credential::ApiKey(key), Self::Bearer) => {
                (header::AUTHORIZATION, key.bearer())
            }
            (Credential::ApiKey(key), Self::Header(name)) => {
                (HeaderName::from_static(name), key.bare())
            }
            (other @ Credential::Signing(_), _) => {
                let message = format!("this vendor is shown a key or a token, not {other:?}");
                return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
            }
        };
        request.headers_mut().insert(name, value.clone());
        Ok(())
    }
}
