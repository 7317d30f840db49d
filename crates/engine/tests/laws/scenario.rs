//! An engine with scripted targets: what each call of a target brings is said beforehand.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_catalog::{Declared, Overlay, Shared, TargetModels};
use ferro_core::{
    ApiKey, Call, CallContext, Credential, ErrorKind, Frame, Head, Inflow, Limits, Observer, Owns,
    Payload, Plugin, Principal, Provider, ProviderError, Record, Reply, ReplyBody, RequestId,
    Secret, Serve, Stage, StaticCredential, Strategy, TargetId, Transport, Unsaid, Upstream, Usage,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_engine::{
    Answer, AnswerBody, Caller, CircuitSettings, Engine, Homes, Issuers, Memory, OnUnsaid, Parts,
    Retry, Route, StreamTimes, Target, TargetParts,
    allowance::{Allowance, AllowanceSettings},
    breaker::BreakerSettings,
};
use ferro_metrics::Metrics;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::Instant;

/// An event with a word of a reply.
pub(crate) const A: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";

/// What one call of a target brings.
pub(crate) enum Said {
    /// A refusal with this status.
    Refusal(u16),
    /// A refusal with this status and advice to come back after this time.
    RefusalFor(u16, Duration),
    /// That the credential was good once, under the status of what was never allowed.
    Expired,
    /// A reply in one piece.
    Whole(&'static str),
    /// A stream: events, then its end.
    Events(Vec<&'static str>),
    /// A reply in one piece that counts nothing.
    Uncounted(&'static str),
    /// Bytes that are no events.
    Bytes,
    /// A stream of these frames, and then it ends, or breaks off, or says nothing more.
    Frames(Vec<Frame>, Then),
    /// A stream: events, and then it breaks off.
    Broken(Vec<&'static str>),
    /// A stream: events, and then words that the target has had too many requests.
    Limited(Vec<&'static str>),
    /// A stream: events, and then nothing, ever.
    Stalled(Vec<&'static str>),
    /// A stream: an event a second, then its end.
    Slow(Vec<&'static str>),
    /// A refusal that repeats the credential, and its cause too.
    Leak,
    /// A stream that breaks off with words that repeat the credential.
    LeakingStream,
    /// A stream: events, the last of which says that it is; the body stays open.
    Last(Vec<&'static str>),
    /// Nothing, ever.
    Silence,
    /// That it cannot take this part of the request.
    Unsupported(&'static str),
    /// A refusal of a prompt that is too long for the model.
    TooLong,
    /// A panic.
    Panic,
    /// A stream: events, and then a panic.
    PanicAfter(Vec<&'static str>),
    /// No connection.
    Unreachable,
    /// The same, after a second.
    Late(Box<Said>),
}

/// What comes behind a stream's frames.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    End,
    Break,
    Silence,
}

impl Then {
    /// A stream of these frames, and of what comes behind them.
    fn behind(
        self,
        frames: impl Stream<Item = Result<Frame, ProviderError>> + Send + 'static,
    ) -> ReplyBody<Chat> {
        ReplyBody::Stream(match self {
            Self::End => frames.boxed(),
            Self::Break => {
                let broken = ProviderError::new(ErrorKind::Interrupted);
                frames.chain(stream::iter([Err(broken)])).boxed()
            }
            Self::Silence => frames.chain(stream::pending()).boxed(),
        })
    }
}

#[derive(Debug)]
struct Scripted(Mutex<VecDeque<Said>>);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Said")
    }
}

impl Provider for Scripted {
    fn owns(&self, model: &str) -> Owns {
        if model == "nobodys" { Owns::No } else { Owns::Yes }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for Scripted {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        let mut said = self.0.lock().unwrap().pop_front().expect("no further call was expected");
        while let Said::Late(later) = said {
            tokio::time::sleep(Duration::from_secs(1)).await;
            said = *later;
        }
        let body = match said {
            Said::Refusal(status) => return Err(refusal(status)),
            Said::RefusalFor(status, wait) => return Err(refusal(status).with_retry_after(wait)),
            Said::Expired => return Err(refusal(403).with_expired_credential()),
            Said::Whole(text) => {
                ReplyBody::Whole(ChatResponse::new(Bytes::from(text), Some(Usage::new(3, 4)), None))
            }
            Said::Uncounted(text) => {
                ReplyBody::Whole(ChatResponse::new(Bytes::from(text), None, None))
            }
            Said::Bytes => ReplyBody::Bytes(
                stream::iter([Ok(Frame::new("RIFF"))]).chain(stream::pending()).boxed(),
            ),
            Said::Frames(frames, then) => then.behind(stream::iter(frames.into_iter().map(Ok))),
            Said::Events(events) => Then::End.behind(frames(events)),
            Said::Broken(events) => Then::Break.behind(frames(events)),
            Said::Limited(events) => {
                let limited = ProviderError::new(ErrorKind::RateLimited);
                ReplyBody::Stream(frames(events).chain(stream::iter([Err(limited)])).boxed())
            }
            Said::Stalled(events) => Then::Silence.behind(frames(events)),
            Said::Slow(events) => ReplyBody::Stream(
                frames(events)
                    .then(|frame| async {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        frame
                    })
                    .boxed(),
            ),
            Said::Leak => return Err(leak()),
            Said::LeakingStream => {
                let events = frames(vec!["data: {}\n\n"]).chain(stream::iter([Err(leak())]));
                ReplyBody::Stream(events.boxed())
            }
            Said::Last(events) => Then::Silence.behind(ending(events)),
            Said::Silence => std::future::pending().await,
            Said::Unsupported(part) => return Err(unsupported(part)),
            Said::TooLong => return Err(refusal(400).with_kind(ErrorKind::ContextLength)),
            Said::Panic => panic!("scripted"),
            Said::PanicAfter(events) => {
                let panics = stream::poll_fn(|_| panic!("scripted"));
                ReplyBody::Stream(frames(events).chain(panics).boxed())
            }
            Said::Unreachable => return Err(ProviderError::new(ErrorKind::Transport)),
            Said::Late(_) => unreachable!("it has been waited for"),
        };
        Ok(Reply { head: Head::default(), body })
    }

    /// A target's name says whether it can be told everything.
    fn unsaid(&self, call: &Call<'_>, _: &ChatRequest) -> Vec<Unsaid> {
        match &**call.target {
            "deaf" => vec![Unsaid("seed".into()), Unsaid("messages[3].name".into())],
            "mute" => vec![Unsaid("n".into())],
            _ => Vec::new(),
        }
    }
}

/// What every target is shown.
pub(crate) const KEY: &str = "sk-scripted-secret";

fn leak() -> ProviderError {
    let cause = std::io::Error::other(format!("the key {KEY} was wrong"));
    ProviderError::new(ErrorKind::Invalid).with_message(format!("{KEY}?")).with_source(cause)
}

fn unsupported(part: &'static str) -> ProviderError {
    let message = format!("{part}: no model here hears anything");
    ProviderError::new(ErrorKind::Unsupported).with_field(part).with_message(message)
}

fn refusal(status: u16) -> ProviderError {
    let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
    ProviderError::from_response(&head, Bytes::new())
}

/// Frames of which the last says that it is.
fn ending(events: Vec<&'static str>) -> impl Stream<Item = Result<Frame, ProviderError>> {
    let count = events.len() as u64;
    frames(events).map(move |frame| {
        frame.map(|mut frame| {
            let usage = frame.usage.as_ref();
            frame.is_last = usage.is_some_and(|usage| usage.completion_tokens == count);
            frame
        })
    })
}

/// Each event is a frame that reports one more completion token than the one before.
fn frames(events: Vec<&'static str>) -> impl Stream<Item = Result<Frame, ProviderError>> {
    stream::iter(events.into_iter().enumerate().map(|(index, event)| {
        let mut frame = Frame::new(event);
        frame.usage = Some(Usage::new(10, index as u64 + 1));
        Ok(frame)
    }))
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Upstream for Nowhere {
    async fn send(
        &self,
        _: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Transport))
    }
}

#[async_trait]
impl Transport for Nowhere {
    async fn send(
        &self,
        _: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Transport))
    }
}

/// Keeps every record.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Vec<Arc<Record>>>);

impl Observer for Ledger {
    fn observe(&self, record: &Arc<Record>) {
        self.0.lock().unwrap().push(Arc::clone(record));
    }
}

/// An engine to be.
pub(crate) struct Scenario {
    targets: Vec<(&'static str, Retry, Vec<Said>)>,
    plugins: Vec<(Stage, Arc<dyn Plugin>)>,
    request_timeout: Option<Duration>,
    strategy: Box<dyn Strategy>,
    observers: Vec<Arc<dyn Observer>>,
    changes: Vec<Change>,
}

/// A change to what an engine is made of, before it is.
type Change = Box<dyn FnOnce(&mut Parts)>;

/// An engine, and what it recorded.
pub(crate) struct Running {
    pub(crate) engine: Arc<Engine>,
    ledger: Arc<Ledger>,
}

impl Scenario {
    /// Targets that answer one call each, in this order.
    pub(crate) fn new(targets: impl IntoIterator<Item = (&'static str, Vec<Said>)>) -> Self {
        let targets = targets.into_iter().map(|(id, said)| (id, Retry::default(), said)).collect();
        Self {
            targets,
            plugins: Vec::new(),
            request_timeout: None,
            strategy: Box::new(ferro_strategies::Fallback),
            observers: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// The same, where every target is asked as often as `retry` says.
    pub(crate) fn retry(mut self, retry: &Retry) -> Self {
        self.targets.iter_mut().for_each(|target| target.1 = retry.clone());
        self
    }

    /// The same, with a piece of policy.
    pub(crate) fn plugin(mut self, stage: Stage, plugin: impl Plugin) -> Self {
        self.plugins.push((stage, Arc::new(plugin)));
        self
    }

    /// The same, with a limit for replies in one piece.
    pub(crate) fn request_timeout(self, limit: Duration) -> Self {
        Self { request_timeout: Some(limit), ..self }
    }

    /// The same, with targets in another order.
    pub(crate) fn strategy(self, strategy: impl Strategy + 'static) -> Self {
        Self { strategy: Box::new(strategy), ..self }
    }

    /// The same, with somebody who is told of every end before the ledger is.
    pub(crate) fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// The same, where the engine's parts are changed like this.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Parts) + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// The same, where targets that fail are left alone.
    pub(crate) fn circuit(self, breaker: BreakerSettings) -> Self {
        let circuit = Some(CircuitSettings { breaker, per_model: false });
        self.targets_with(move |parts| parts.circuit = circuit)
    }

    /// The same, where each target's parts are changed like this.
    pub(crate) fn targets_with(self, change: impl Fn(&mut TargetParts) + 'static) -> Self {
        self.with(move |parts| {
            for target in &mut parts.targets {
                let mut changed = target.parts().clone();
                change(&mut changed);
                *target = Arc::new(Target::new(changed, &parts.metrics));
            }
        })
    }

    /// The engine.
    pub(crate) fn start(mut self) -> Running {
        let ledger = Arc::<Ledger>::default();
        let metrics = Arc::new(Metrics::new());
        self.observers.push(Arc::clone(&ledger) as Arc<dyn Observer>);
        let targets =
            self.targets.into_iter().map(|target| Arc::new(Target::new(parts(target), &metrics)));
        let mut parts = Parts {
            default_route: Route::default_of(targets.len(), "as told", self.strategy),
            routes: Vec::new(),
            targets: targets.collect(),
            retries: Arc::new(Allowance::new(AllowanceSettings::RETRIES, Instant::now())),
            aliases: HashMap::from([("fast".to_owned(), "m".to_owned())]),
            larger_models: HashMap::new(),
            session_headers: Vec::new(),
            plugins: self.plugins,
            observers: self.observers,
            request_timeout: self.request_timeout,
            stream: StreamTimes {
                commit_after: Duration::from_secs(10),
                keep_alive: Duration::from_secs(15),
            },
            transport: Arc::new(Nowhere),
            issuers: Issuers { operators: Arc::new(Nowhere), metadata: Arc::new(Nowhere) },
            on_unsaid: OnUnsaid::Warn,
            fetch: None,
            metrics,
            limits: Limits::default(),
            max_reply: 1 << 20,
            whereabouts: Arc::new(Memory::default()),
            homes: Homes::default(),
            tokenizer: Arc::new(ferro_core::ByScript),
        };
        self.changes.into_iter().for_each(|change| change(&mut parts));
        Running { engine: Engine::new(parts), ledger }
    }
}

fn parts((id, retry, said): (&'static str, Retry, Vec<Said>)) -> TargetParts {
    let key = Credential::ApiKey(ApiKey::new(Secret::new(KEY)).unwrap());
    TargetParts {
        id: TargetId::from(id),
        provider: Arc::new(Scripted(Mutex::new(said.into()))),
        upstream: Arc::new(Nowhere),
        others: Vec::new(),
        keys: vec![(Arc::new(StaticCredential(key)), 1.0)],
        gate: None,
        // Its name says whether a target is drained.
        weight: if id.starts_with("drained") { 0.0 } else { 1.0 },
        retry,
        circuit: None,
        first_token: None,
        models: vec![],
        priced: vec!["m".to_owned()],
        known: Arc::new(known()),
    }
}

/// A nano-dollar for a token that is read, and two for one that is written.
fn known() -> TargetModels {
    let prices = [("input", "0.001"), ("output", "0.002")];
    let prices = prices.map(|(key, dollars)| (key.to_owned(), dollars.to_owned()));
    let declared = Declared { id: "m".into(), prices: prices.into(), ..Declared::default() };
    let shared = Arc::new(Shared::new(Overlay::default()).unwrap());
    TargetModels::new(shared, "none", &[declared]).unwrap()
}

impl Running {
    /// Sends a request for the alias `fast`.
    pub(crate) async fn ask(&self, stream: bool) -> Result<Answer<Chat>, ferro_core::Problem> {
        self.ask_as(caller(), stream).await
    }

    /// Sends a request for the alias `fast` on somebody's behalf.
    pub(crate) async fn ask_as(
        &self,
        caller: Caller,
        stream: bool,
    ) -> Result<Answer<Chat>, ferro_core::Problem> {
        let body = format!(r#"{{"model":"fast","stream":{stream},"messages":[{{}}]}}"#);
        let request = ChatRequest::parse(body.into_bytes()).unwrap();
        self.engine.open_request::<Chat>(caller, request).run().await
    }

    /// Sends a request for a reply in one piece by another model.
    pub(crate) async fn ask_for(&self, model: &str) -> Result<Answer<Chat>, ferro_core::Problem> {
        let body = format!(r#"{{"model":"{model}","messages":[{{}}]}}"#);
        let request = ChatRequest::parse(body.into_bytes()).unwrap();
        self.engine.open_request::<Chat>(caller(), request).run().await
    }

    /// Sends a request for a stream and reads it: the events joined, and the problem at its end.
    pub(crate) async fn read(&self) -> (String, Option<ferro_core::Problem>) {
        let AnswerBody::Stream(mut events) = self.ask(true).await.unwrap().body else {
            panic!("a stream was asked for")
        };
        let mut text = String::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(frame) => text.push_str(std::str::from_utf8(&frame.bytes).unwrap()),
                Err(problem) => return (text, Some(problem)),
            }
        }
        // Settled by now, although the stream is still held.
        self.record();
        (text, None)
    }

    /// All records so far.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.ledger.0.lock().unwrap().clone()
    }

    /// The one record that there is.
    pub(crate) fn record(&self) -> Arc<Record> {
        let records = self.ledger.0.lock().unwrap();
        assert_eq!(records.len(), 1, "exactly one record per request");
        Arc::clone(&records[0])
    }
}

/// Nobody in particular.
pub(crate) fn caller() -> Caller {
    Caller { request_id: RequestId::from("r"), principal: Principal::ANONYMOUS, roll: 7 }
}
