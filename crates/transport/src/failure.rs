//! What went wrong on the way, as errors that say so.

use std::{error::Error, io};

use ferro_core::{BodyError, ErrorKind, Origin, ProviderError};
use http::{HeaderMap, header};
use hyper_util::client;
use rustls::{CertificateError::UnknownIssuer, Error::InvalidCertificate};
use tracing::debug;

use crate::{
    egress::{Egress, Refused},
    head::MAX_HEAD,
    http1::Break,
    proxy::Proxy,
};

/// What is wrong with a certificate that nobody here vouches for.
const UNTRUSTED: &str = "signed by no authority that is trusted here; a private authority's \
                         certificate is added to the system's, or to the connector's roots";

/// A handshake that failed, and with whom.
#[derive(Debug, thiserror::Error)]
#[error("TLS handshake with {host}")]
pub(crate) struct Handshake {
    pub(crate) host: String,
    pub(crate) source: io::Error,
}

/// No connection. A public host that may not be connected to is the fault of the request that names
/// it; a target that may not is its own, and another may do.
pub(crate) fn unreachable(
    origin: &Origin,
    proxy: Option<&Proxy>,
    error: &(dyn Error + 'static),
) -> ProviderError {
    let kind = match find::<Refused>(error) {
        Some(Refused { egress: Egress::Public, .. }) => ErrorKind::Invalid,
        _ => ErrorKind::Transport,
    };
    let why = match find(error) {
        Some(InvalidCertificate(UnknownIssuer)) => {
            let whose = find(error).map(|Handshake { host, .. }| format!(" of {host}"));
            format!("the certificate{} is {UNTRUSTED}", whose.unwrap_or_default())
        }
        _ => words(error),
    };
    let error = ProviderError::new(kind).with_message(match proxy {
        Some(proxy) => format!("{origin} cannot be reached through the proxy {proxy}: {why}"),
        None => format!("{origin} cannot be reached: {why}"),
    });
    debug!(%origin, %error, "not connected");
    error
}

/// A connection, but no answer.
pub(crate) fn unanswered<E>(origin: &Origin, error: E) -> ProviderError
where
    E: Error + Send + Sync + 'static,
{
    let why = words(&error);
    let (kind, message) = match blame(&error) {
        kind @ (ErrorKind::Invalid | ErrorKind::Internal) => {
            (kind, format!("the request could not be passed on to {origin}: {why}"))
        }
        ErrorKind::Malformed => {
            (ErrorKind::Malformed, format!("{origin} answered in a way that is not HTTP: {why}"))
        }
        kind => (kind, format!("{origin} broke off before it answered: {why}")),
    };
    ProviderError::new(kind).with_message(message).with_source(error)
}

/// Whose fault it is that there is no answer: the request's body, where it lay, the answer, or the
/// connection.
fn blame(error: &(dyn Error + 'static)) -> ErrorKind {
    if let Some(BodyError::Spool(_)) = find(error) {
        return ErrorKind::Internal;
    }
    match find(error) {
        Some(Break::Request(_)) => return ErrorKind::Invalid,
        Some(Break::Odd(_)) => return ErrorKind::Malformed,
        Some(Break::Closed | Break::Socket(_)) | None => {}
    }
    let stream = find::<h2::Error>(error);
    let is_reset_here = stream.is_some_and(|e| e.is_reset() && !e.is_remote() && !e.is_library());
    if find::<BodyError>(error).is_some() || is_reset_here {
        ErrorKind::Invalid // hyper resets the stream of a body that breaks off
    } else if find(error).is_some_and(hyper::Error::is_parse)
        || stream.is_some_and(h2::Error::is_library)
    {
        ErrorKind::Malformed
    } else {
        ErrorKind::Transport
    }
}

/// An answer that broke off.
pub(crate) fn interrupted<E>(origin: &Origin, error: E) -> ProviderError
where
    E: Error + Send + Sync + 'static,
{
    let why = words(&error);
    let message = format!("{origin} broke off in the middle of its answer: {why}");
    ProviderError::new(ErrorKind::Interrupted).with_message(message).with_source(error)
}

/// Refuses a head that is longer than one may be, where that was not seen as it was read.
pub(crate) fn refuse_long(origin: &Origin, headers: &HeaderMap) -> Result<(), ProviderError> {
    let length: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if length <= MAX_HEAD as usize {
        return Ok(());
    }
    let message = format!("{origin} answered with a head longer than {MAX_HEAD} bytes");
    Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
}

/// Refuses an answer in an encoding that it was asked not to use.
pub(crate) fn refuse_encoded(
    origin: &Origin,
    headers: &HeaderMap,
    is_empty: bool,
) -> Result<(), ProviderError> {
    let Some(encoding) = encoding(headers).filter(|_| !is_empty) else {
        return Ok(());
    };
    let message = format!(
        "{origin} answered with `content-encoding: {encoding}`, although it was asked for \
         `identity`; it must be told not to compress"
    );
    Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
}

/// The encodings of a body that is not what it is.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let mut found = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
        found.extend(names.filter(|n| !n.eq_ignore_ascii_case("identity")).map(str::to_owned));
    }
    (!found.is_empty()).then(|| found.join(", "))
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An I/O error that holds another passes for it, and does not name it as its source.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        held.map(|held| -> &(dyn Error + 'static) { held }).or_else(|| error.source())
    })
}

/// Whether all that an error has to say is said by its cause.
fn is_wrapping(error: &(dyn Error + 'static)) -> bool {
    let is_known = error.is::<reqwest::Error>() || error.is::<client::legacy::Error>();
    is_known && error.source().is_some()
}

/// An error with its causes, each said once.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut words = String::new();
    for cause in causes(error).filter(|cause| !is_wrapping(*cause)) {
        let cause = cause.to_string();
        if !words.contains(&cause) {
            let join = if words.is_empty() { "" } else { ": " };
            words.extend([join, &cause]);
        }
    }
    words
}
