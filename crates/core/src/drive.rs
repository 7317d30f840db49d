//! The I/O half of a provider: drives a [`Wire`] over an [`Upstream`](crate::Upstream). Its pieces are
//! there for those who need several exchanges for one reply, and so drive themselves.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_wire::{Cutter, Joined, sse};
use futures_util::{Stream, StreamExt, future::try_join_all};
use http::{HeaderMap, Request, Uri, header, response::Parts};
use tokio::time::{Instant, Sleep, sleep, timeout_at};

use crate::{
    Call, CallContext, Comes, Credential, Decoder, ErrorKind, Frame, Frames, Head, Host, InParts,
    Inflow, Payload, ProviderError, Reply, ReplyBody, Serve, Subject, Surface, Unsaid, Wire, media,
};

/// As much of an upstream's error as anybody will read.
const MAX_REFUSAL: usize = 256 << 10;
/// As long as anybody waits for the words of a refusal.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(10);
/// As long as a stream whose events are over waits for the end of its body. A body that is read to
/// its end leaves a connection for the next request; one that is dropped before closes it.
const LINGER: Duration = Duration::from_millis(20);
/// A frame this large is handed on although more is ready, so that one stream cannot hold a worker.
const LARGE_FRAME: usize = 32 << 10;
/// As many parts of one request are asked at a time: a vendor that counts requests is not stormed.
const PARTS_AT_ONCE: usize = 4;
/// A piece that is cheaper to copy than to make a new buffer for.
const SMALL_PIECE: usize = 4 << 10;

#[async_trait]
impl<S: Surface, W: Wire<S>> Serve<S> for W {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &S::Request,
    ) -> Result<Reply<S>, ProviderError> {
        match self.parts(&cx.call, request) {
            None => exchange(self, cx, request).await,
            // Boxed, so that one exchange has no room for several.
            Some(parts) => Box::pin(in_parts(self, cx, parts)).await,
        }
    }

    fn unsaid(&self, call: &Call<'_>, request: &S::Request) -> Vec<Unsaid> {
        Wire::unsaid(self, call, request)
    }
}

/// One request, one reply.
async fn exchange<S: Surface, W: Wire<S>>(
    wire: &W,
    cx: &CallContext<'_>,
    request: &S::Request,
) -> Result<Reply<S>, ProviderError> {
    let fetched = media::needed(cx, &wire.needs(&cx.call, request)).await?;
    let call = fetched.map(|media| cx.call.clone().with_media(media));
    let call = call.as_ref().unwrap_or(&cx.call);
    let (mut outbound, mut decoder) = wire.encode(call, request)?;
    wire.authorize(call, &mut outbound, cx.credential)?;
    let (head, inflow) = cx.upstream.send(outbound).await?.into_parts();
    if !head.status.is_success() {
        let body = refusal(inflow).await;
        return Err(masked(wire.refuse(&head, body), cx));
    }
    let is_stream = request.wants_stream();
    let comes = decoder.comes(&head);
    let body = if comes == Some(Comes::Bytes) {
        ReplyBody::Bytes(relay(inflow, decoder, cx.max_reply, cx.credential.clone()))
    } else if comes == Some(Comes::Events)
        || is_stream && comes.is_none() && (!is_json(&head.headers) || decoder.turns_to_json())
    {
        let max_event = cx.max_reply.min(sse::DEFAULT_MAX_EVENT);
        ReplyBody::Stream(relay(inflow, decoder, max_event, cx.credential.clone()))
    } else {
        let body = whole(inflow, &head.headers, cx.max_reply).await?;
        ReplyBody::Whole(decoder.whole(&head, body).map_err(|error| masked(error, cx))?)
    };
    let Parts { status, headers, .. } = head;
    Ok(Reply { head: Head { status, headers }, body })
}

/// One reply, made of several. Whoever leaves, or a part that fails, leaves the other parts as well.
async fn in_parts<S: Surface, W: Wire<S>>(
    wire: &W,
    cx: &CallContext<'_>,
    parts: InParts<S>,
) -> Result<Reply<S>, ProviderError> {
    let (mut first, mut wholes) = (None, Vec::with_capacity(parts.requests.len()));
    for some in parts.requests.chunks(PARTS_AT_ONCE) {
        let asked = some.iter().map(|request| exchange(wire, cx, request));
        for reply in try_join_all(asked).await? {
            let ReplyBody::Whole(whole) = reply.body else {
                let message = "the upstream answered a part of a request with a stream";
                return Err(ProviderError::new(ErrorKind::Malformed).with_message(message));
            };
            first.get_or_insert(reply.head);
            wholes.push(whole);
        }
    }
    let body = ReplyBody::Whole((parts.join)(wholes)?);
    Ok(Reply { head: first.unwrap_or_default(), body })
}

fn masked(mut error: ProviderError, cx: &CallContext<'_>) -> ProviderError {
    error.mask(cx.credential);
    error
}

/// An upstream that answers a request for a stream in one piece says so by its content type; so does
/// one whose stream is an array.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return false };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// What a host answers in one piece to who gets what is at `place`, besides any surface: a list of models.
///
/// # Errors
///
/// What the host refuses it with; of kind `Malformed` where the answer is too large.
pub async fn get<H: Host + ?Sized>(
    host: &H,
    cx: &CallContext<'_>,
    place: Uri,
    headers: &HeaderMap,
) -> Result<Bytes, ProviderError> {
    let mut outbound = Request::new(Payload::empty());
    *outbound.uri_mut() = place;
    *outbound.headers_mut() = headers.clone();
    outbound.headers_mut().remove(header::CONTENT_TYPE);
    host.authorize(&cx.call, &mut outbound, cx.credential)?;
    let (head, inflow) = cx.upstream.send(outbound).await?.into_parts();
    if !head.status.is_success() {
        let body = refusal(inflow).await;
        return Err(masked(host.refuse(&head, body), cx));
    }
    whole(inflow, &head.headers, cx.max_reply).await
}

/// What a refusal says, as far as it comes: its status is known already, and is not given up for a
/// body that trickles, breaks off or is too long.
pub async fn refusal(mut inflow: Inflow) -> Bytes {
    let deadline = Instant::now() + REFUSAL_PATIENCE;
    let mut joined = Joined::default();
    while let Ok(Some(Ok(piece))) = timeout_at(deadline, inflow.next()).await {
        joined.push(piece, 0);
        if joined.len() > MAX_REFUSAL {
            return joined.take_first(MAX_REFUSAL);
        }
    }
    joined.take()
}

/// A whole reply's body, unless it is too long.
///
/// # Errors
///
/// Of kind `Malformed` where it has more than `limit` bytes; else what broke the connection.
pub async fn whole(
    mut inflow: Inflow,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Bytes, ProviderError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let mut joined = Joined::default();
    while let Some(piece) = inflow.next().await {
        joined.push(piece?, announced.unwrap_or(0).min(limit));
        if joined.len() > limit {
            let message = format!("the reply is larger than {limit} bytes");
            return Err(ProviderError::new(ErrorKind::Malformed).with_message(message));
        }
    }
    Ok(joined.take())
}

/// Reads a stream's body: joins what has arrived, cuts at whole events of at most `max_event` bytes, and
/// has them decoded. An error does not tell `secret`.
pub fn relay<S: Surface>(
    inflow: Inflow,
    decoder: Box<dyn Decoder<S>>,
    max_event: usize,
    credential: Credential,
) -> Frames {
    let cutter = Cutter::new(decoder.framing(), max_event);
    let (failure, linger) = (None, None);
    Box::pin(Relay { inflow, decoder, cutter, credential, failure, is_over: false, linger })
}

struct Relay<S: Surface> {
    inflow: Inflow,
    decoder: Box<dyn Decoder<S>>,
    cutter: Cutter,
    /// What must not be read in an error.
    credential: Credential,
    /// An error that comes after the frame that was just handed on.
    failure: Option<ProviderError>,
    is_over: bool,
    /// Made when the end of the body has to be waited for.
    linger: Option<Pin<Box<Sleep>>>,
}

enum Arrival {
    /// More may come.
    Some,
    /// The body is over.
    End,
    /// The connection broke.
    Broken(ProviderError),
}

impl<S: Surface> Relay<S> {
    /// Takes in what is ready, up to a large frame.
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<Arrival> {
        loop {
            match self.inflow.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    let is_first = self.cutter.is_empty();
                    self.cutter.push(if is_first { own(piece) } else { piece });
                    if self.cutter.len() >= LARGE_FRAME && self.cutter.has_news() {
                        return Poll::Ready(Arrival::Some);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    self.leave();
                    return Poll::Ready(Arrival::Broken(error));
                }
                Poll::Ready(None) => {
                    self.leave();
                    return Poll::Ready(Arrival::End);
                }
                Poll::Pending if self.cutter.has_news() => return Poll::Ready(Arrival::Some),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Decodes the events that are whole by now.
    fn decode(&mut self, frame: &mut Frame) -> Result<(), ProviderError> {
        let events = self.cutter.cut().map_err(|error| {
            ProviderError::new(ErrorKind::Malformed).with_message(error.to_string())
        })?;
        if events.is_empty() { Ok(()) } else { self.decoder.read(events, frame) }
    }

    fn advance(&mut self, arrival: Arrival, frame: &mut Frame) -> Result<(), ProviderError> {
        self.decode(frame)?;
        if self.decoder.is_finished() {
            (self.is_over, frame.is_last) = (true, true);
            return Ok(());
        }
        match arrival {
            Arrival::Some => Ok(()),
            Arrival::Broken(error) => Err(error),
            Arrival::End => {
                self.is_over = true;
                self.decoder.end(self.cutter.rest(), frame)?;
                frame.is_last = true;
                Ok(())
            }
        }
    }

    /// Ready when the body has ended, or is not worth waiting for.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.decoder.is_finished() {
            return Poll::Ready(());
        }
        while let Poll::Ready(piece) = self.inflow.as_mut().poll_next(cx) {
            // A vendor that goes on after its own end is not listened to.
            if !matches!(piece, Some(Ok(piece)) if piece.is_empty()) {
                self.leave();
                return Poll::Ready(());
            }
        }
        let linger = self.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        ready!(linger.as_mut().poll(cx));
        self.leave();
        Poll::Ready(())
    }

    /// Nothing more is read.
    fn leave(&mut self) {
        self.inflow = Box::pin(futures_util::stream::empty());
    }

    fn fail(&mut self, mut error: ProviderError) -> ProviderError {
        self.is_over = true;
        error.mask(&self.credential);
        error
    }
}

/// A small piece of its own. One that came as a part of a buffer that a connection reads into would
/// make it take another for as long as it is held; and a stream's events are held until they are
/// written, while the connection looks for the next. Pieces behind the first are joined to it, and so
/// are copied anyway.
fn own(piece: Bytes) -> Bytes {
    if piece.len() >= SMALL_PIECE || piece.is_unique() {
        return piece;
    }
    Bytes::copy_from_slice(&piece)
}

impl<S: Surface> Stream for Relay<S> {
    type Item = Result<Frame, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(error) = this.failure.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if this.is_over {
                return this.poll_end(cx).map(|()| None);
            }
            let arrival = ready!(this.poll_arrival(cx));
            let mut frame = Frame::default();
            if let Err(error) = this.advance(arrival, &mut frame) {
                this.failure = Some(this.fail(error));
            }
            if frame != Frame::default() {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_piece_leaves_the_buffer_that_it_came_in_and_a_large_one_is_not_copied() {
        for (size, is_free) in [(SMALL_PIECE - 1, true), (SMALL_PIECE, false)] {
            let buffer = Bytes::from(vec![b'a'; 2 * SMALL_PIECE]);
            let piece = own(buffer.slice(..size));
            assert_eq!((piece.len(), buffer.is_unique()), (size, is_free));
        }
    }

    #[test]
    fn a_piece_that_is_nobody_elses_is_not_copied() {
        let piece = Bytes::from(b"data: 1\n\n".to_vec());
        let place = piece.as_ptr();
        assert_eq!(own(piece).as_ptr(), place);
    }
}
