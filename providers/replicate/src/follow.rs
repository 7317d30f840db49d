//! A prediction's stream, followed to where it stands, and ended with what the prediction took.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ferro_core::{
    Finish, Frame, Frames, Head, Origin, Payload, ProviderError, Reply, ReplyBody, Subject,
    Upstream, Usage,
    chat::{Chat, ChatRequest, Chunks},
    drive,
};
use ferro_dialect_openai::refusal;
use ferro_wire::sse;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use tokio::time::timeout;

use crate::{
    chat,
    decode::OutputDecoder,
    exchange::Exchange,
    factory::{API, STREAM_HOSTS},
    prediction::{Prediction, estimated, malformed},
    running::Running,
};

/// A stream whose words are over does not wait longer for what they took.
const PATIENCE: Duration = Duration::from_secs(5);
/// As much of a prediction as is read for what it took.
const MAX_PREDICTION: usize = 8 << 20;

/// The reply that follows the stream at `url`.
pub(crate) async fn stream(
    exchange: &Exchange<'_>,
    request: &ChatRequest,
    (url, prediction): (&str, &Prediction),
    running: Running,
) -> Result<Reply<Chat>, ProviderError> {
    let cx = exchange.cx;
    let (upstream, uri) = place(exchange, url)?;
    let mut outbound = exchange.to(Method::GET, uri)?;
    let headers = outbound.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (head, inflow) = upstream.send(outbound).await?.into_parts();
    if !head.status.is_success() {
        return Err(refusal::read(&head, drive::refusal(inflow).await, &[]));
    }
    let chunks = Chunks::new(&chat::head(cx, prediction));
    let decoder = OutputDecoder::new(chunks.clone(), running.progress.clone());
    let max_event = cx.max_reply.min(sse::DEFAULT_MAX_EVENT);
    let frames = drive::relay(inflow, Box::new(decoder), max_event, cx.credential.clone());
    let followed = Followed {
        frames,
        running,
        chunks,
        wants_usage: request.wants_usage(),
        prompt_tokens: request.prompt_tokens(),
        look: cx.other(API).cloned().zip(exchange.look(&prediction.id).ok()),
    };
    Ok(Reply {
        head: Head { status: StatusCode::OK, headers: head.headers },
        body: ReplyBody::Stream(followed.frames()),
    })
}

/// Whom a stream's URL means: the API's own host, or one of the vendor's for streams. The token goes to
/// no other.
fn place<'a>(
    exchange: &'a Exchange<'_>,
    url: &str,
) -> Result<(&'a dyn Upstream, Uri), ProviderError> {
    let refused = |host: &str| {
        malformed(&format!(
            "the prediction's stream stands at `{host}`, which is neither the API's host nor one of {}",
            STREAM_HOSTS.join(", ")
        ))
    };
    let uri: Uri = url.parse().map_err(|error| {
        malformed("the prediction's stream stands at no URL").with_source(error)
    })?;
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(refused(&host));
    };
    let origin = Origin::split(&format!("{scheme}://{authority}")).map_err(|_| refused(&host))?.0;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = path.parse::<Uri>().map_err(|_| refused(&host))?;
    if authority.as_str().contains('@') {
        return Err(refused(&host));
    }
    let own = &exchange.own.origin;
    let is_own = own.scheme() == origin.scheme()
        && own.host().eq_ignore_ascii_case(origin.host())
        && own.port() == origin.port();
    if is_own {
        return Ok((exchange.cx.upstream, path));
    }
    let is_vendors = origin.is_tls() && origin.port() == 443 && STREAM_HOSTS.contains(&&*host);
    let other = exchange.cx.other(&host).filter(|_| is_vendors);
    other.map(|upstream| (&**upstream, path)).ok_or_else(|| refused(&host))
}

/// A stream on its way. Dropped before the prediction is over, it cancels that.
struct Followed {
    frames: Frames,
    running: Running,
    chunks: Chunks,
    wants_usage: bool,
    prompt_tokens: u64,
    /// Where, and with what, the prediction is looked at when it is over.
    look: Option<(Arc<dyn Upstream>, Request<Payload>)>,
}

impl Followed {
    fn frames(self) -> Frames {
        Box::pin(stream::unfold(Some(self), |followed| async move {
            let mut followed = followed?;
            loop {
                match followed.frames.next().await {
                    Some(Ok(mut frame)) => {
                        // The last frame is the one that says what it took.
                        frame.is_last = false;
                        if frame != Frame::default() {
                            return Some((Ok(frame), Some(followed)));
                        }
                    }
                    Some(Err(error)) => return Some((Err(error), None)),
                    None => return Some((Ok(followed.last().await), None)),
                }
            }
        }))
    }

    /// Why it stopped, and what it took.
    async fn last(mut self) -> Frame {
        let usage = match self.look.take() {
            Some((api, look)) => timeout(PATIENCE, taken(&*api, look)).await.ok().flatten(),
            None => None,
        };
        let written = self.running.progress.written();
        let usage = usage.unwrap_or_else(|| estimated(self.prompt_tokens, written));
        let mut bytes = Vec::new();
        self.chunks.stop(&mut bytes, 0, Finish::Stop, "succeeded");
        if self.wants_usage {
            self.chunks.usage(&mut bytes, &usage);
        }
        self.chunks.done(&mut bytes);
        let mut frame = Frame::new(Bytes::from(bytes));
        (frame.usage, frame.finish, frame.is_last) = (Some(usage), Some(Finish::Stop), true);
        frame
    }
}

/// What a prediction took, if that can be learnt.
async fn taken(api: &dyn Upstream, look: Request<Payload>) -> Option<Usage> {
    let (head, inflow) = api.send(look).await.ok()?.into_parts();
    let body = drive::whole(inflow, &head.headers, MAX_PREDICTION).await.ok()?;
    Prediction::read(&body).ok().filter(|_| head.status.is_success())?.usage()
}
