//! Media that a request names by URL, fetched for a vendor that needs the bytes.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use bytes::Bytes;
use ferro_wire::Joined;
use futures_util::{StreamExt, future::try_join_all};
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use tokio::time::timeout;

use super::{
    Fetched, Media, Need,
    hop::{self, Hop},
    sniff,
};
use crate::{CallContext, ErrorKind, Inflow, Payload, ProviderError, Transport};

/// How media are fetched where an operator allows it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// The hosts that may be asked, each with those below it; any that the egress check lets through
    /// if empty. Redirects lead to these as well.
    pub hosts: Vec<String>,
    /// The most bytes that all media of one request may have together.
    pub max_bytes: usize,
    /// The most URLs that one request may name.
    pub most: usize,
    /// The most redirects that are followed from one URL.
    pub redirects: usize,
    /// How long one of them may take, redirects included.
    pub patience: Duration,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        let patience = Duration::from_secs(10);
        Self { hosts: Vec::new(), max_bytes: 20 << 20, most: 16, redirects: 3, patience }
    }
}

impl FetchPolicy {
    /// Fetches what is needed over `transport`, each URL once. What comes is known by its bytes.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid`, and each names the field that names the media. The words are for whoever
    /// wrote the request, and tell neither what a name means here nor what stands behind a URL's `?`.
    pub async fn fetch(
        &self,
        transport: &dyn Transport,
        needs: &[Need],
    ) -> Result<Media, ProviderError> {
        let mut first_of: Vec<&Need> = Vec::with_capacity(needs.len().min(self.most));
        for need in needs {
            if first_of.iter().all(|other| other.url != need.url) {
                first_of.push(need);
            }
            if first_of.len() > self.most {
                let most = self.most;
                let told = format!("it is one of more than {most} URLs (media.fetch.max_count)");
                return Err(unfetched(need, told));
            }
        }
        let fetching = Fetching { policy: self, transport, left: AtomicUsize::new(self.max_bytes) };
        let each = first_of.into_iter().map(async |need| {
            let fetched = timeout(self.patience, fetching.one(&need.url)).await;
            let late = |_| Err(format!("it did not come within {:?}", self.patience));
            let fetched = fetched.unwrap_or_else(late);
            fetched.map(|it| (need.url.clone(), it)).map_err(|why| unfetched(need, why))
        });
        Ok(Media::new(try_join_all(each).await?))
    }

    pub(super) fn allows(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let is_below = |own: &String| {
            let own = own.trim_end_matches('.');
            let at = host.len().checked_sub(own.len());
            at.and_then(|at| Some((host.get(..at)?, host.get(at..)?))).is_some_and(|(left, end)| {
                end.eq_ignore_ascii_case(own) && (left.is_empty() || left.ends_with('.'))
            })
        };
        self.hosts.is_empty() || self.hosts.iter().any(is_below)
    }
}

/// Fetches what is needed; `None` where nothing is.
///
/// # Errors
///
/// Of kind `Unsupported` where fetching is not allowed: a vendor that fetches by itself may be asked
/// instead. Otherwise those of [`FetchPolicy::fetch`].
pub(crate) async fn needed(
    cx: &CallContext<'_>,
    needs: &[Need],
) -> Result<Option<Media>, ProviderError> {
    let Some(first) = needs.first() else { return Ok(None) };
    let Some(policy) = cx.fetch else {
        return Err(ProviderError::new(ErrorKind::Unsupported)
            .with_field(&*first.field)
            .with_message(format!(
                "{}: this vendor takes media by their bytes, and the gateway may not fetch them \
                 from a URL; send it as a `data:` URL, or allow it with `media.fetch`",
                first.field
            )));
    };
    policy.fetch(cx.transport, needs).await.map(Some)
}

fn unfetched(need: &Need, why: impl std::fmt::Display) -> ProviderError {
    let told = format!("{}: `{}` could not be fetched: {why}", need.field, hop::shown(&need.url));
    ProviderError::new(ErrorKind::Invalid).with_field(&*need.field).with_message(told)
}

/// The fetching for one request.
struct Fetching<'a> {
    policy: &'a FetchPolicy,
    transport: &'a dyn Transport,
    /// How many bytes may still come, of all media together.
    left: AtomicUsize,
}

impl Fetching<'_> {
    async fn one(&self, url: &str) -> Result<Fetched, String> {
        let mut hop = Hop::first(url)?;
        for _ in 0..=self.policy.redirects {
            hop.check(self.policy)?;
            let answer = self.asked(&hop).await?;
            match hop.onward(&answer)? {
                Some(next) => hop = next,
                None => return self.read(answer).await,
            }
        }
        let most = self.policy.redirects;
        Err(format!("it is redirected more than {most} times (media.fetch.max_redirects)"))
    }

    async fn asked(&self, hop: &Hop) -> Result<Response<Inflow>, String> {
        let mut request = Request::new(Payload::empty());
        request.uri_mut().clone_from(&hop.0);
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        self.transport.send(request).await.map_err(|error| failed(&hop.0, &error))
    }

    async fn read(&self, answer: Response<Inflow>) -> Result<Fetched, String> {
        let (head, mut inflow) = answer.into_parts();
        if !head.status.is_success() {
            return Err(format!("its host answered {}", head.status.as_u16()));
        }
        let announced = head.headers.get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > self.left.load(Relaxed)) {
            return Err(self.too_large());
        }
        let mut joined = Joined::default();
        while let Some(piece) = inflow.next().await {
            let piece = piece.map_err(|error| told(&error))?;
            let take = |left: usize| left.checked_sub(piece.len());
            if self.left.try_update(Relaxed, Relaxed, take).is_err() {
                return Err(self.too_large());
            }
            joined.push(piece, 0);
        }
        Fetched::of(joined.take(), &head.headers)
    }

    fn too_large(&self) -> String {
        let most = self.policy.max_bytes;
        format!("the media of one request may have {most} bytes together (media.fetch.max_bytes)")
    }
}

/// What may be said of a host that did not answer. What its name means here is nobody's business, and
/// is in the log of the way out.
fn failed(to: &Uri, error: &ProviderError) -> String {
    let host = to.host().unwrap_or_default();
    match error.kind() {
        ErrorKind::Invalid => format!("`{host}` is no public host"),
        _ => format!("`{host}` did not answer: {}", told(error)),
    }
}

fn told(error: &ProviderError) -> String {
    match error.kind() {
        ErrorKind::Malformed => "its answer is compressed, or is not HTTP".to_owned(),
        kind => kind.as_str().replace('_', " "),
    }
}

impl Fetched {
    /// What came with these headers.
    fn of(bytes: Bytes, headers: &HeaderMap) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err("it is empty".to_owned());
        }
        let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
        let said = said.and_then(|said| said.split(';').next()).map(str::trim).unwrap_or_default();
        if let Some(known) = sniff(&bytes) {
            return Ok(Self { media_type: known.into(), bytes });
        }
        // What has a mark and does not show it is not what it says that it is.
        let is_text = said.get(..5).is_some_and(|kind| kind.eq_ignore_ascii_case("text/"));
        let is_page = said.eq_ignore_ascii_case("text/html");
        match is_text && !is_page && std::str::from_utf8(&bytes).is_ok() {
            true => Ok(Self { media_type: said.to_ascii_lowercase().into(), bytes }),
            false => Err(format!(
                "its bytes are no picture, sound, film or PDF that is known here, and its host says \
                 that it is `{}`",
                crate::excerpt(if said.is_empty() { "nothing" } else { said })
            )),
        }
    }
}
