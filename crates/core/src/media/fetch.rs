//! Media that a request names by URL, fetched for a vendor that needs the bytes.

use std::time::Duration;

use bytes::Bytes;
use ferro_wire::Joined;
use futures_util::{StreamExt, future::try_join_all};
use http::{HeaderMap, Request, header};
use tokio::time::timeout;

use super::{Fetched, Media, Need, sniff};
use crate::{CallContext, ErrorKind, Payload, ProviderError};

/// How media are fetched where an operator allows it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// The hosts that may be asked, each with those below it; any that the egress check lets through
    /// if empty.
    pub hosts: Vec<String>,
    /// The most bytes that one of them may have.
    pub max_bytes: usize,
    /// The most that one request may name.
    pub most: usize,
    /// How long one of them may take.
    pub patience: Duration,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self { hosts: Vec::new(), max_bytes: 20 << 20, most: 16, patience: Duration::from_secs(10) }
    }
}

impl FetchPolicy {
    fn allows(&self, host: &str) -> bool {
        let is_below = |own: &String| {
            let (host, own) = (host.to_ascii_lowercase(), own.to_ascii_lowercase());
            host.strip_suffix(&own).is_some_and(|left| left.is_empty() || left.ends_with('.'))
        };
        self.hosts.is_empty() || self.hosts.iter().any(is_below)
    }
}

/// Fetches what is needed; `None` where nothing is.
///
/// # Errors
///
/// Each names the field that names the media: of kind `Unsupported` where fetching is not allowed (a
/// vendor that fetches by itself may be asked instead), of kind `Invalid` where it has failed.
pub(crate) async fn fetch(
    cx: &CallContext<'_>,
    needs: &[Need],
) -> Result<Option<Media>, ProviderError> {
    let Some(first) = needs.first() else { return Ok(None) };
    let Some(policy) = cx.fetch else {
        return Err(ProviderError::new(ErrorKind::Unsupported).with_message(format!(
            "{}: this vendor takes media by their bytes, and the gateway may not fetch them from a \
             URL; send it as a `data:` URL, or allow it with `media.fetch`",
            first.field
        )));
    };
    if needs.len() > policy.most {
        let (most, asked) = (policy.most, needs.len());
        let told =
            format!("the request names {asked} media by URL, of which at most {most} are fetched");
        return Err(ProviderError::new(ErrorKind::Invalid).with_message(told));
    }
    let each = needs.iter().map(async |need| {
        let fetched = timeout(policy.patience, one(cx, policy, need)).await;
        let fetched = fetched
            .unwrap_or_else(|_| Err(format!("it did not come within {:?}", policy.patience)));
        fetched.map(|fetched| (need.url.clone(), fetched)).map_err(|why| {
            let told = format!("{}: `{}` could not be fetched: {why}", need.field, need.url);
            ProviderError::new(ErrorKind::Invalid).with_message(told)
        })
    });
    Ok(Some(Media::new(try_join_all(each).await?)))
}

async fn one(cx: &CallContext<'_>, policy: &FetchPolicy, need: &Need) -> Result<Fetched, String> {
    let uri: http::Uri = need.url.parse().map_err(|error| format!("it is not a URL: {error}"))?;
    let host = uri.host().unwrap_or_default();
    if !policy.allows(host) {
        return Err(format!("`{host}` is not among the hosts that may be asked"));
    }
    let mut request = Request::new(Payload::empty());
    *request.uri_mut() = uri;
    let sent = cx.transport.send(request).await.map_err(|error| error.to_string())?;
    let (head, mut inflow) = sent.into_parts();
    if !head.status.is_success() {
        return Err(format!("its host answered {}", head.status.as_u16()));
    }
    let mut joined = Joined::default();
    while let Some(piece) = inflow.next().await {
        joined.push(piece.map_err(|error| error.to_string())?, 0);
        if joined.len() > policy.max_bytes {
            return Err(format!("it is larger than {} bytes", policy.max_bytes));
        }
    }
    Ok(Fetched::new(joined.take(), &head.headers))
}

impl Fetched {
    /// What came with these headers.
    fn new(bytes: Bytes, headers: &HeaderMap) -> Self {
        let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
        let said = said.and_then(|said| said.split(';').next()).map(str::trim);
        let media_type = sniff(&bytes).or(said).unwrap_or("application/octet-stream").into();
        Self { media_type, bytes }
    }
}
