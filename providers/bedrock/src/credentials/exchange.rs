//! One exchange with a host that gives keys: bounded in time and in size.

use std::time::Duration;

use bytes::Bytes;
use ferro_core::{CredentialError, Payload, Transport};
use ferro_wire::Joined;
use futures_util::StreamExt;
use http::{Request, StatusCode};
use tokio::time::timeout;

use super::failed;

/// A key has not nearly so many bytes.
const LARGEST: usize = 256 << 10;

/// Sends `request` to `place`, and waits so long for all of the answer.
pub(super) async fn send(
    place: &str,
    way: &dyn Transport,
    request: Request<Payload>,
    patience: Duration,
) -> Result<(StatusCode, Bytes), CredentialError> {
    let answer = async {
        let sent = way.send(request).await.map_err(|error| CredentialError {
            message: format!("{place} could not be asked: {error}"),
            source: Some(Box::new(error)),
        })?;
        let (head, mut inflow) = sent.into_parts();
        let mut joined = Joined::default();
        while let Some(piece) = inflow.next().await {
            let piece = piece.map_err(|error| CredentialError {
                message: format!("{place} broke off: {error}"),
                source: Some(Box::new(error)),
            })?;
            joined.push(piece, 0);
            if joined.len() > LARGEST {
                return Err(failed(format!("{place} answered more than {LARGEST} bytes")));
            }
        }
        Ok((head.status, joined.take()))
    };
    let late = |_| failed(format!("{place} did not answer within {patience:?}"));
    timeout(patience, answer).await.map_err(late)?
}
