//! One origin: which connection a call goes over, and the limits that it keeps to.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use ferro_core::{Inflow, Origin, Payload, ProviderError, Upstream};
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};
use tracing::debug;

use crate::{
    Timeouts,
    alarm::Alarm,
    dial::{Protocol, Way},
    dress::Dress,
    failure,
    flow::{Flowing, Hold},
    http1::{Link, Unanswered},
    http2::Shared,
    outbound::Outbound,
    pool::{Channel, Pool},
    timeouts::{Step, after},
    watch::Watch,
};

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

    async fn exchange(
        &self,
        mut request: Request<Outbound>,
        deadline: Option<Instant>,
    ) -> Result<Response<Inflow>, ProviderError> {
        loop {
            let (channel, was_pooled) = match self.pool.take() {
                Some(channel) => (channel, true),
                // Rare, and too large to be a part of every call.
                None => Box::pin(self.connect()).await?,
            };
            let started = Instant::now();
            match self.ask(channel, request, started).await {
                Ok((response, hold)) => {
                    self.tell(&response, was_pooled, started);
                    return self.flow(response, hold, deadline);
                }
                Err(Unanswered::Late) => {
                    return Err(Step::FirstByte.exceeded(self.origin(), self.timeouts.first_byte));
                }
                // The connection was closed while idle: nothing was sent, so another one may.
                Err(Unanswered::Broken(mut error)) => match error.take_message() {
                    Some(unsent) if was_pooled => request = unsent,
                    _ => return Err(failure::unanswered(self.origin(), error.into_error())),
                },
            }
        }
    }

    /// A connection within the time for one, and whether it was there already.
    async fn connect(&self) -> Result<(Channel, bool), ProviderError> {
        let limit = self.timeouts.connect;
        let opened = timeout(limit, self.open()).await;
        opened.unwrap_or_else(|_| Err(Step::Connect.exceeded(self.origin(), limit)))
    }

    /// Opens a connection. Where many calls may share one, they do not all open their own: one
    /// does, and the others wait for what it finds.
    async fn open(&self) -> Result<(Channel, bool), ProviderError> {
        if !self.pool.may_share() {
            return Ok((self.dial().await?, false));
        }
        let turn = self.turn.acquire().await.expect("the semaphore is never closed");
        if let Some(channel) = self.pool.take() {
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
            Protocol::Http1 => Link::open(socket).await.map(Channel::Own),
            Protocol::Http2 => {
                Shared::open(socket, &self.pool.tasks).await.map(|shared| self.pool.share(shared))
            }
        };
        opened.map_err(|error| failure::unanswered(self.origin(), error))
    }

    async fn ask(
        &self,
        channel: Channel,
        mut request: Request<Outbound>,
        started: Instant,
    ) -> Result<(Response<Incoming>, Hold), Unanswered> {
        let due = after(started, self.timeouts.first_byte);
        match channel {
            Channel::Own(mut link) => {
                self.dress.for_http1(&mut request);
                let response = link.ask(request, due).await?;
                Ok((response, Hold::Own(link)))
            }
            Channel::Shared(mut sender, seat) => {
                self.dress.for_http2(&mut request);
                let response = timeout_at(due, sender.try_send_request(request)).await;
                let response = response.map_err(|_| Unanswered::Late)??;
                Ok((response, Hold::Shared { _seat: seat, alarm: Alarm::default() }))
            }
        }
    }

    fn flow(
        &self,
        response: Response<Incoming>,
        hold: Hold,
        deadline: Option<Instant>,
    ) -> Result<Response<Inflow>, ProviderError> {
        failure::refuse_encoded(self.origin(), &response)?;
        let watch = Watch::new(response.headers(), self.timeouts, deadline);
        let pool = Arc::clone(&self.pool);
        Ok(response.map(|body| -> Inflow { Box::pin(Flowing::new(body, hold, pool, watch)) }))
    }

    fn tell(&self, response: &Response<Incoming>, was_pooled: bool, started: Instant) {
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
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        let request = self.dress.put_on(request);
        let deadline = self.timeouts.deadline();
        self.timeouts.by(deadline, self.origin(), self.exchange(request, deadline)).await
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Direct({})", self.origin())
    }
}
