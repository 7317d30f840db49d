//! The way to hosts that are no target's, over reqwest.

use std::{
    error::Error,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{ErrorKind, Inflow, Origin, OriginError, Payload, ProviderError, Transport};
use futures_util::{Stream, stream};
use http::{Request, Response, Uri, header};
use http_body::Body as _;
use reqwest::{Body, Client, Url};
use tokio::time::{Instant, timeout};
use tracing::debug;

use crate::{
    Connector, Timeouts, alarm::Alarm, client, dress, egress::Egress, failure, proxy::Proxy,
    timeouts::Step, watch::Watch,
};

/// Any host that the egress check lets through.
pub(crate) struct Public {
    connector: Connector,
    egress: Egress,
    timeouts: Timeouts,
    /// Made for the first request: who never leaves its targets pays nothing for the others.
    client: OnceLock<Client>,
}

impl Public {
    pub(crate) fn new(connector: Connector, egress: Egress, timeouts: Timeouts) -> Self {
        Self { connector, egress, timeouts, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, Box<dyn Error>> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client::make(&self.connector, self.egress, self.timeouts)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The proxy that leads to `origin`. None leads to where a machine is told who it is.
    fn proxy(&self, origin: &Origin) -> Option<Proxy> {
        let proxies = &self.connector.policy().proxies;
        proxies.between(origin).filter(|_| self.egress != Egress::Metadata)
    }

    /// Checks what no resolver will see: hosts that are addresses, and names that go to a proxy.
    fn check(&self, origin: &Origin) -> Result<(), ProviderError> {
        let proxies = &self.connector.policy().proxies;
        let host = origin.host().trim_matches(['[', ']']);
        let proxy = self.proxy(origin);
        let checked = self.egress.check_host(host).and_then(|()| {
            if self.egress == Egress::Public && proxies.are_at(host) {
                // Its name is resolved as the operator's, whoever asks for it.
                return Err(Egress::Public.refuse(host, "is a proxy's host, not a public one"));
            }
            let address = proxy.as_ref().and_then(|proxy| proxy.host.parse().ok());
            address.map_or(Ok(()), |address| Egress::Target.check(address))
        });
        checked.map_err(|error| failure::unreachable(origin, proxy.as_ref(), &error))
    }

    async fn exchange(
        &self,
        origin: &Origin,
        request: reqwest::Request,
        deadline: Option<Instant>,
    ) -> Result<Response<Inflow>, ProviderError> {
        let client = self.client().map_err(|error| failure::unreachable(origin, None, &*error))?;
        let started = Instant::now();
        let limit = self.timeouts.first_byte;
        // reqwest does not tell when it is connected, so that both limits have to be over.
        let answer = timeout(self.timeouts.connect.saturating_add(limit), client.execute(request));
        let Ok(answer) = answer.await else { return Err(Step::FirstByte.exceeded(origin, limit)) };
        let answer = answer.map_err(|error| self.failed(origin, error.without_url()))?;
        let answer = Response::<Body>::from(answer);
        tell(origin, &answer, started);
        self.flow(origin, answer, deadline)
    }

    /// Reads an error whose URL, which may hold a key, is gone.
    fn failed(&self, origin: &Origin, error: reqwest::Error) -> ProviderError {
        if !error.is_connect() {
            return failure::unanswered(origin, error);
        }
        if error.is_timeout() {
            return Step::Connect.exceeded(origin, self.timeouts.connect);
        }
        let proxy = self.proxy(origin);
        failure::unreachable(origin, proxy.as_ref(), &error)
    }

    fn flow(
        &self,
        origin: &Origin,
        answer: Response<Body>,
        deadline: Option<Instant>,
    ) -> Result<Response<Inflow>, ProviderError> {
        failure::refuse_long(origin, answer.headers())?;
        failure::refuse_encoded(origin, answer.headers(), answer.body().is_end_stream())?;
        let watch = Watch::new(answer.headers(), self.timeouts, deadline);
        let (mut head, body) = answer.into_parts();
        head.extensions.clear(); // reqwest leaves the URL there
        let body =
            Pouring { body: Some(body), origin: origin.clone(), watch, alarm: Alarm::default() };
        Ok(Response::from_parts(head, Box::pin(body)))
    }
}

#[async_trait]
impl Transport for Public {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        let written = origin(request.uri())?;
        self.check(&written)?;
        let request = readied(request, &written)?;
        // A URL has its own opinion of what a host stands for, and it is the one that is followed.
        let meant = split(&request.url().origin().ascii_serialization())?;
        self.check(&meant)?;
        let deadline = self.timeouts.deadline(Instant::now());
        self.timeouts.by(deadline, &meant, self.exchange(&meant, request, deadline)).await
    }
}

fn origin(uri: &Uri) -> Result<Origin, ProviderError> {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    split(&format!("{scheme}://{authority}"))
}

fn split(url: &str) -> Result<Origin, ProviderError> {
    let invalid = |error: OriginError| invalid(error.to_string());
    Origin::split(url).map(|(origin, _)| origin).map_err(invalid)
}

fn invalid(why: String) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(why)
}

/// The request as reqwest wants it.
fn readied(request: Request<Payload>, to: &Origin) -> Result<reqwest::Request, ProviderError> {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let url = Url::parse(&format!("{to}{path}"));
    let url = url.map_err(|error| invalid(format!("{to} is not a place to ask: {error}")))?;
    let mut request = reqwest::Request::new(head.method, url);
    head.headers.remove(header::HOST); // the URL says it
    dress::put_on(&mut head.headers, to.userinfo().map(dress::basic).as_ref());
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(match body {
        Payload::Rope(rope) => Body::wrap(rope),
        mut passed => Body::wrap_stream(stream::poll_fn(move |cx| {
            let piece = Pin::new(&mut passed).poll_frame(cx);
            piece.map_ok(|frame| frame.into_data().unwrap_or_default())
        })),
    });
    Ok(request)
}

fn tell(origin: &Origin, answer: &Response<Body>, started: Instant) {
    debug!(
        %origin,
        status = answer.status().as_u16(),
        version = ?answer.version(),
        first_byte_ms = started.elapsed().as_secs_f64() * 1e3,
        "answered"
    );
}

/// A body that is being read. Dropping it closes the exchange.
struct Pouring {
    /// Gone once there is nothing more to read.
    body: Option<Body>,
    origin: Origin,
    watch: Watch,
    alarm: Alarm,
}

impl Stream for Pouring {
    type Item = Result<Bytes, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let error = loop {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        this.watch.begin_anew();
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    break failure::interrupted(&this.origin, error.without_url());
                }
                Poll::Ready(None) => {
                    this.body = None;
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    break ready!(this.watch.poll_late(&mut this.alarm, &this.origin, cx));
                }
            }
        };
        this.body = None;
        Poll::Ready(Some(Err(error)))
    }
}
