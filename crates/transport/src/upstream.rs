//! One origin: which connection a call goes over, and the limits that it keeps to.

use std::{fmt, future::poll_fn, mem, sync::Arc};

use async_trait::async_trait;
use ferro_core::{Inflow, Origin, Payload, ProviderError, Upstream};
use http::{Request, Response};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tracing::debug;

use crate::{
    Timeouts,
    alarm::Alarm,
    dial::{Protocol, Way},
    dress::Dress,
    failure,
    flow::{Flowing, Source},
    http1::{Failed, Link},
    http2::{Sent, Shared},
    outgoing::{Measure, Outgoing},
    pool::{Channel, Pool},
    timeouts::Step,
    watch::Watch,
};

/// A request without an answer.
enum Unanswered {
    /// It took too long.
    Late,
    /// Why there is none, and the request if none of it was sent.
    Broken(ProviderError, Option<Box<Request<Payload>>>),
}

/// One origin.
pub(crate) struct Direct {
    way: Way,
    dress: Dress,
    timeouts: Timeouts,
    pool: Arc<Pool>,
    /// Held by the one call that opens a connection which the others may share.
    turn: Semaphore,
}

impl Direct {
    pub(crate) fn new(way: Way, timeouts: Timeouts) -> Self {
        let dress = Dress::new(&way.origin, way.proxy.as_ref());
        let pool = Arc::new(Pool::new(way.origin.clone(), way.keep()));
        Self { way, dress, timeouts, pool, turn: Semaphore::new(1) }
    }

    fn origin(&self) -> &Origin {
        &self.way.origin
    }

    /// A connection within the time for one, whether it was there already, and since when it is
    /// here.
    async fn connect(
        &self,
        called: Instant,
        deadline: Option<Instant>,
    ) -> Result<(Channel, bool, Instant), ProviderError> {
        let due = self.timeouts.due(Step::Connect, called, deadline);
        let opened = timeout_at(due.at, self.open()).await;
        let (channel, was_there) = opened.map_err(|_| due.exceeded(self.origin()))??;
        Ok((channel, was_there, Instant::now()))
    }

    /// Opens a connection. Where many calls may share one, they do not all open their own: one
    /// does, and the others wait for what it finds.
    async fn open(&self) -> Result<(Channel, bool), ProviderError> {
        if !self.pool.may_share() {
            return Ok((self.dial().await?, false));
        }
        let turn = self.turn.acquire().await.expect("the semaphore is never closed");
        if let Some(channel) = self.pool.take(Instant::now()) {
            return Ok((channel, true));
        }
        if !self.pool.may_share() {
            drop(turn);
        }
        Ok((self.dial().await?, false))
    }

    async fn dial(&self) -> Result<Channel, ProviderError> {
        let (socket, protocol) = self.way.open().await?;
        self.pool.learn(protocol);
        let opened = match protocol {
            Protocol::Http1 => return Ok(Channel::Own(Link::new(socket.into_inner()))),
            Protocol::Http2 => {
                Shared::open(socket, &self.pool.tasks).await.map(|shared| self.pool.share(shared))
            }
        };
        opened.map_err(|error| failure::unanswered(self.origin(), error))
    }

    /// Sends over `channel` and waits for the head of the answer until `due`. The request is taken
    /// out of its place, so that it is not kept twice for as long as the answer takes.
    async fn ask(
        &self,
        channel: Channel,
        request: &mut Request<Payload>,
        due: Instant,
    ) -> Result<Response<Source>, Unanswered> {
        match channel {
            Channel::Own(mut link) => {
                let measure = Measure::of(request.body(), request.headers());
                let head = self.dress.head(request, measure);
                link.send(Outgoing::new(take(request), head, measure));
                let answer = poll_fn(|cx| link.poll_answer(due, cx)).await;
                let answer = answer.map_err(|failed| self.unanswered(failed))?;
                Ok(answer.map(|()| Source::Own(link)))
            }
            Channel::Shared(mut sender, seat) => {
                self.dress.for_http2(request);
                let (head, payload) = take(request).into_parts();
                let (body, broken) = Sent::new(payload);
                let answer =
                    timeout_at(due, sender.try_send_request(Request::from_parts(head, body))).await;
                let answer = answer.map_err(|_| Unanswered::Late)?.map_err(|mut error| {
                    let unsent =
                        error.take_message().map(|it| Box::new(it.map(|body| body.payload)));
                    let why = match broken.take() {
                        Some(why) => failure::unanswered(self.origin(), why),
                        None => failure::unanswered(self.origin(), error.into_error()),
                    };
                    Unanswered::Broken(why, unsent)
                })?;
                let alarm = Alarm::default();
                Ok(answer.map(|body| Source::Shared { body, alarm, _seat: seat }))
            }
        }
    }

    fn unanswered(&self, failed: Failed) -> Unanswered {
        match failed {
            Failed::Late => Unanswered::Late,
            Failed::Broken(why, unsent) => {
                Unanswered::Broken(failure::unanswered(self.origin(), why), unsent)
            }
        }
    }

    fn flow(
        &self,
        response: Response<Source>,
        deadline: Option<Instant>,
    ) -> Result<Response<Inflow>, ProviderError> {
        failure::refuse_encoded(self.origin(), response.headers(), response.body().is_over())?;
        let watch = Watch::new(response.headers(), self.timeouts, deadline);
        let pool = Arc::clone(&self.pool);
        Ok(response.map(|source| -> Inflow { Box::pin(Flowing::new(source, pool, watch)) }))
    }

    fn tell(&self, response: &Response<Source>, was_pooled: bool, started: Instant) {
        debug!(
            origin = %self.origin(),
            status = response.status().as_u16(),
            version = ?response.version(),
            was_pooled,
            first_byte_ms = started.elapsed().as_secs_f64() * 1e3,
            "answered"
        );
    }
}

#[async_trait]
impl Upstream for Direct {
    async fn send(&self, mut request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        let called = Instant::now();
        let deadline = self.timeouts.deadline(called);
        loop {
            let (channel, was_pooled, started) = match self.pool.take(called) {
                Some(channel) => (channel, true, called),
                // Rare, and too large to be a part of every call.
                None => Box::pin(self.connect(called, deadline)).await?,
            };
            let due = self.timeouts.due(Step::FirstByte, started, deadline);
            match self.ask(channel, &mut request, due.at).await {
                Ok(answer) => {
                    self.tell(&answer, was_pooled, started);
                    return self.flow(answer, deadline);
                }
                Err(Unanswered::Late) => return Err(due.exceeded(self.origin())),
                // The connection was closed while idle: nothing was sent, so another one may.
                Err(Unanswered::Broken(_, Some(unsent))) if was_pooled => request = *unsent,
                Err(Unanswered::Broken(error, _)) => return Err(error),
            }
        }
    }
}

fn take(request: &mut Request<Payload>) -> Request<Payload> {
    mem::replace(request, Request::new(Payload::empty()))
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Direct({})", self.origin())
    }
}
