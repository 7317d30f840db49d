//! How Azure is shown a key, and a token.

use ferro_core::{Credential, ErrorKind, Payload, ProviderError};
use http::{HeaderName, Request, header};

static API_KEY: HeaderName = HeaderName::from_static("api-key");

/// A key alone in its own header, a token as a bearer's.
pub(crate) fn show(
    credential: &Credential,
    request: &mut Request<Payload>,
) -> Result<(), ProviderError> {
    let (name, value) = match credential {
        Credential::None => return Ok(()),
        Credential::ApiKey(key) => (API_KEY.clone(), key.bare()),
        Credential::Token(token) => (header::AUTHORIZATION, token.bearer()),
        other => {
            let message = format!("Azure is shown a key or a token, not {other:?}");
            return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
        }
    };
    request.headers_mut().insert(name, value.clone());
    Ok(())
}
