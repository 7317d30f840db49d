//! An upstream inside the process: it feeds bytes at chosen cuts, and remembers what it was sent.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{ErrorKind, Inflow, Payload, ProviderError, Transport, Upstream};
use futures_util::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_body::Body as _;

/// An upstream that answers as it is told.
///
/// ```
/// use ferro_core::{Payload, Upstream};
/// use ferro_testkit::{Answer, Script};
///
/// # ferro_testkit::Clock::run(async |_| {
/// let script = Script::always(Answer::new(200).with_body("{}"));
/// let request = http::Request::post("/v1/chat").body(Payload::from(b"[]".to_vec()));
/// let response = script.send(request.unwrap()).await.unwrap();
/// assert_eq!(response.status(), 200);
/// assert_eq!(script.sent()[0].body, "[]");
/// # });
/// ```
pub struct Script {
    answer: Box<dyn Fn(&Sent) -> Answer + Send + Sync>,
    sent: Mutex<Vec<Sent>>,
}

/// A request as it was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sent {
    /// Its method.
    pub method: Method,
    /// Its URI; a path and a query, if the sender keeps its promise.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, exactly.
    pub body: Bytes,
}

/// What the upstream answers.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    steps: VecDeque<Step>,
    flow: Arc<Flow>,
    /// What a `POST` is answered instead.
    first: Option<Box<Answer>>,
}

/// One thing that happens while a body arrives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// These bytes arrive; without a [`Pause`](Self::Pause) before them, together with the last.
    Piece(Bytes),
    /// For a moment nothing has arrived.
    Pause,
    /// The connection breaks.
    Break,
    /// These bytes arrive, over and over, without an end.
    Forever(Bytes),
    /// Nothing arrives any more, and the connection stays.
    Silence,
}

/// What became of an answer's body.
#[derive(Debug, Default)]
pub struct Flow {
    taken: AtomicUsize,
    is_dropped: AtomicBool,
}

impl Flow {
    /// How many bytes were taken out.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    /// Whether the reader let go of it.
    pub fn is_dropped(&self) -> bool {
        self.is_dropped.load(Ordering::SeqCst)
    }
}

impl Answer {
    /// An answer with this status, no headers and no body.
    ///
    /// # Panics
    ///
    /// If `status` is none.
    pub fn new(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status is between 100 and 999");
        let (steps, flow) = (VecDeque::new(), Arc::default());
        Self { status, headers: HeaderMap::new(), steps, flow, first: None }
    }

    /// The same answer to whoever asks for it, where what is made with a `POST` is answered `first`:
    /// an exchange of two steps.
    pub fn after(self, first: Self) -> Self {
        Self { first: Some(Box::new(first)), ..self }
    }

    /// The same answer, where what is answered first has a body with `new` in place of `old`.
    pub(crate) fn with_first_renamed(mut self, old: &str, new: &str) -> Self {
        for step in self.first.iter_mut().flat_map(|first| &mut first.steps) {
            if let Step::Piece(bytes) = step {
                *bytes = String::from_utf8_lossy(bytes).replace(old, new).into();
            }
        }
        self
    }

    /// The same answer, with one more header.
    ///
    /// # Panics
    ///
    /// If no header may be named or hold this.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// The same answer, with these headers instead.
    pub fn with_headers(self, headers: HeaderMap) -> Self {
        Self { headers, ..self }
    }

    /// The same answer, with a body that arrives at once.
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        self.with_steps([Step::Piece(body.into())])
    }

    /// The same answer, with a body that arrives like this.
    pub fn with_steps(self, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..self }
    }

    /// What becomes of the body. All clones of an answer share it.
    pub fn flow(&self) -> Arc<Flow> {
        Arc::clone(&self.flow)
    }
}

impl Script {
    /// An upstream whose answer depends on what it is sent.
    pub fn new(answer: impl Fn(&Sent) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), sent: Mutex::default() }
    }

    /// An upstream that always answers the same.
    pub fn always(answer: Answer) -> Self {
        Self::new(move |_| answer.clone())
    }

    /// What it was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn receive(&self, request: http::Request<Payload>) -> http::Response<Inflow> {
        let (head, payload) = request.into_parts();
        let body = collected(payload).await;
        let sent = Sent { method: head.method, uri: head.uri, headers: head.headers, body };
        let mut answer = (self.answer)(&sent);
        if let Some(first) = answer.first.take().filter(|_| sent.method == Method::POST) {
            answer = *first;
        }
        let Answer { status, headers, steps, flow, .. } = answer;
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        let inflow: Inflow = Box::pin(Pieces { steps, flow });
        let mut response = http::Response::new(inflow);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("sent", &self.sent().len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Upstream for Script {
    async fn send(
        &self,
        request: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Ok(self.receive(request).await)
    }
}

/// The same script as the way to other hosts, for who may use one.
#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Ok(self.receive(request).await)
    }
}

/// A request's body, as far as it comes.
async fn collected(mut payload: Payload) -> Bytes {
    let mut all = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut payload).poll_frame(cx)).await {
        all.extend_from_slice(&frame.into_data().unwrap_or_default());
    }
    all.into()
}

/// A body on its way.
struct Pieces {
    steps: VecDeque<Step>,
    flow: Arc<Flow>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(step) = self.steps.pop_front() else { return Poll::Ready(None) };
        let bytes = match step {
            Step::Piece(bytes) => bytes,
            Step::Forever(bytes) => {
                self.steps.push_front(Step::Forever(bytes.clone()));
                bytes
            }
            Step::Pause => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Step::Silence => {
                self.steps.push_front(Step::Silence);
                return Poll::Pending;
            }
            Step::Break => {
                let broken = ProviderError::new(ErrorKind::Transport);
                return Poll::Ready(Some(Err(broken.with_message("the connection broke"))));
            }
        };
        self.flow.taken.fetch_add(bytes.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(bytes)))
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.flow.is_dropped.store(true, Ordering::SeqCst);
    }
}
