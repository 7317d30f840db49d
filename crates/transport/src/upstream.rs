//! The inference path: hyper's connection, pooled per origin, driven inside the request's own task.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ferro_core::{ErrorKind, Inflow, Origin, Payload, ProviderError, Upstream};
use http::{HeaderValue, Request, Response, header};
use hyper::client::conn::http1::{self, Connection as Driver, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};

use crate::{
    Connector, Timeouts,
    dial::{Connection, dial},
    flow::Flowing,
    outbound::Outbound,
};

/// A connection that nobody used for this long is not worth trying.
const IDLE_LINK: Duration = Duration::from_secs(60);
/// More connections than this are not kept for later.
const MAX_IDLE_LINKS: usize = 4096;

/// One origin and its idle connections.
pub(crate) struct Direct {
    connector: Connector,
    origin: Origin,
    host: HeaderValue,
    userinfo: Option<HeaderValue>,
    timeouts: Timeouts,
    pool: Arc<Pool>,
}

/// Idle connections, the most recently used last.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Link>>);

/// A connection and its driver. Whoever holds it polls it; dropping it closes the socket.
pub(crate) struct Link {
    pub(crate) sender: SendRequest<Outbound>,
    pub(crate) driver: Driver<TokioIo<Box<dyn Connection>>, Outbound>,
    since: Instant,
}

impl Pool {
    fn take(&self) -> Option<Link> {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.pop()?;
        if link.since.elapsed() < IDLE_LINK {
            return Some(link);
        }
        links.clear(); // the others have waited even longer
        None
    }

    /// Keeps a connection whose last answer was read to its end.
    pub(crate) fn put(&self, mut link: Link) {
        link.since = Instant::now();
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if links.len() < MAX_IDLE_LINKS {
            links.push(link);
        }
    }
}

impl Direct {
    pub(crate) fn new(connector: Connector, origin: Origin, timeouts: Timeouts) -> Self {
        let is_default_port = origin.port() == if origin.is_tls() { 443 } else { 80 };
        let authority = match is_default_port {
            true => origin.host().to_owned(),
            false => format!("{}:{}", origin.host(), origin.port()),
        };
        let host = HeaderValue::from_str(&authority).expect("an authority is a header value");
        let userinfo = origin.userinfo().and_then(basic);
        Self { connector, origin, host, userinfo, timeouts, pool: Arc::default() }
    }

    async fn open(&self) -> Result<Link, ProviderError> {
        let dialling = async {
            let stream = dial(&self.connector, &self.origin).await?;
            let (sender, driver) = http1::handshake(TokioIo::new(stream))
                .await
                .map_err(|error| ProviderError::new(ErrorKind::Transport).with_source(error))?;
            Ok(Link { sender, driver, since: Instant::now() })
        };
        let limit = self.timeouts.connect;
        timeout(limit, dialling).await.unwrap_or_else(|_| {
            let message = format!("no connection to {} within {limit:?}", self.origin);
            Err(ProviderError::new(ErrorKind::Timeout).with_message(message))
        })
    }

    fn dress(&self, request: Request<Payload>) -> Request<Outbound> {
        let mut request = request.map(Outbound::from);
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.host.clone());
        // Bodies are passed on as they are, so they must come as what they are.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let agent = concat!("ferrogw/", env!("CARGO_PKG_VERSION"));
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(agent));
        if let Some(userinfo) = &self.userinfo {
            headers.entry(header::AUTHORIZATION).or_insert(userinfo.clone());
        }
        request
    }

    async fn exchange(
        &self,
        mut request: Request<Outbound>,
    ) -> Result<Response<Inflow>, ProviderError> {
        loop {
            let (mut link, was_pooled) = match self.pool.take() {
                Some(link) => (link, true),
                None => (self.open().await?, false),
            };
            match answer(&mut link, request).await {
                Ok((response, is_alive)) => {
                    let pool = Arc::clone(&self.pool);
                    let idle = self.timeouts.idle;
                    return Ok(response.map(|body| -> Inflow {
                        Box::pin(Flowing::new(body, link, is_alive, pool, idle))
                    }));
                }
                // The connection was closed while idle: nothing was sent, so another one may.
                Err(mut error) => match error.take_message() {
                    Some(unsent) if was_pooled => request = unsent,
                    _ => return Err(self.broken(error.into_error())),
                },
            }
        }
    }

    fn broken(&self, error: hyper::Error) -> ProviderError {
        let message = format!("{} closed the connection before it answered", self.origin);
        ProviderError::new(ErrorKind::Transport).with_message(message).with_source(error)
    }
}

/// Sends a request and drives the connection until the head of the answer is there.
async fn answer(
    link: &mut Link,
    request: Request<Outbound>,
) -> Result<
    (Response<hyper::body::Incoming>, bool),
    hyper::client::conn::TrySendError<Request<Outbound>>,
> {
    let mut is_alive = true;
    let mut response = pin!(link.sender.try_send_request(request));
    let driver = &mut link.driver;
    let response = poll_fn(|cx| {
        if is_alive && Pin::new(&mut *driver).poll(cx).is_ready() {
            is_alive = false;
        }
        response.as_mut().poll(cx)
    })
    .await?;
    Ok((response, is_alive))
}

fn basic(userinfo: &str) -> Option<HeaderValue> {
    let mut value =
        HeaderValue::from_str(&format!("Basic {}", base64(userinfo.as_bytes()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) as usize & 63;
            out.push(if digit <= group.len() { char::from(DIGITS[index]) } else { '=' });
        }
    }
    out
}

#[async_trait]
impl Upstream for Direct {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        let limit = self.timeouts.first_byte;
        timeout(limit, self.exchange(self.dress(request))).await.unwrap_or_else(|_| {
            let message = format!("{} sent no answer within {limit:?}", self.origin);
            Err(ProviderError::new(ErrorKind::Timeout).with_message(message))
        })
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Direct({})", self.origin)
    }
}
