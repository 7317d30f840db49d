//! What went wrong on the way, as errors that say so.

use std::{error::Error, io};

use ferro_core::{ErrorKind, Origin, ProviderError};

use crate::{
    egress::{Egress, Refused},
    outbound::Broken,
    proxy::Proxy,
};

/// A peer whose certificate nobody here vouches for.
#[derive(Debug, thiserror::Error)]
#[error(
    "the certificate of {host} is signed by no authority that is trusted here; a private \
     authority's certificate is added to the system's, or to the connector's roots"
)]
pub(crate) struct Untrusted {
    host: String,
    source: io::Error,
}

impl Untrusted {
    /// Finds the words for a handshake's failure.
    pub(crate) fn read(host: &str, error: io::Error) -> Box<dyn Error + Send + Sync> {
        use rustls::{CertificateError::UnknownIssuer, Error::InvalidCertificate};
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
        match cause {
            Some(InvalidCertificate(UnknownIssuer)) => {
                Box::new(Self { host: host.to_owned(), source: error })
            }
            _ => format!("TLS handshake: {error}").into(),
        }
    }
}

/// No connection. A public host that may not be connected to is the fault of the request that names
/// it; a target that may not is its own, and another may do.
pub(crate) fn unreachable(
    origin: &Origin,
    proxy: Option<&Proxy>,
    egress: Egress,
    error: &(dyn Error + 'static),
) -> ProviderError {
    let kind = match is_caused_by::<Refused>(error) && egress == Egress::Public {
        true => ErrorKind::Invalid,
        false => ErrorKind::Transport,
    };
    let why = words(error);
    ProviderError::new(kind).with_message(match proxy {
        Some(proxy) => format!("{origin} cannot be reached through the proxy {proxy}: {why}"),
        None => format!("{origin} cannot be reached: {why}"),
    })
}

/// A connection, but no answer.
pub(crate) fn unanswered(origin: &Origin, error: hyper::Error) -> ProviderError {
    let why = words(&error);
    let (kind, message) = match blame(&error) {
        ErrorKind::Invalid => {
            (ErrorKind::Invalid, format!("the request could not be passed on to {origin}: {why}"))
        }
        ErrorKind::Malformed => {
            (ErrorKind::Malformed, format!("{origin} answered in a way that is not HTTP: {why}"))
        }
        kind => (kind, format!("{origin} broke off before it answered: {why}")),
    };
    ProviderError::new(kind).with_message(message).with_source(error)
}

/// Whose fault it is that there is no answer: the request's body, the answer, or the connection.
fn blame(error: &hyper::Error) -> ErrorKind {
    let stream = causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>());
    let is_reset_here = stream.is_some_and(|e| e.is_reset() && !e.is_remote() && !e.is_library());
    if is_caused_by::<Broken>(error) || is_reset_here {
        ErrorKind::Invalid // hyper resets the stream of a body that breaks off
    } else if error.is_parse() || stream.is_some_and(h2::Error::is_library) {
        ErrorKind::Malformed
    } else {
        ErrorKind::Transport
    }
}

/// An answer that broke off.
pub(crate) fn interrupted(origin: &Origin, error: hyper::Error) -> ProviderError {
    let message = format!("{origin} broke off in the middle of its answer: {}", words(&error));
    ProviderError::new(ErrorKind::Interrupted).with_message(message).with_source(error)
}

/// An answer in an encoding that it was asked not to use.
pub(crate) fn encoded(origin: &Origin, encoding: &str) -> ProviderError {
    let message = format!(
        "{origin} answered with `content-encoding: {encoding}`, although it was asked for \
         `identity`; it must be told not to compress"
    );
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

fn is_caused_by<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(<dyn Error>::is::<E>)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// An error with its causes, each said once.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut words = String::new();
    for cause in causes(error) {
        let cause = cause.to_string();
        if !words.contains(&cause) {
            let join = if words.is_empty() { "" } else { ": " };
            words.extend([join, &cause]);
        }
    }
    words
}
