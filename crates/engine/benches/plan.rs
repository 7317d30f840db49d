//! What it costs to find out who is asked, in which order, among fifty targets: candidates, their
//! state, the strategy and the decision. `cargo bench -p ferro-engine --bench plan`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use divan::{AllocProfiler, Bencher};
use ferro_core::{
    CallContext, ErrorKind, Inflow, Limits, Owns, Payload, Principal, Provider, ProviderError,
    Reply, RequestId, Serve, StaticCredential, Strategy, TargetId, Transport, Upstream,
    chat::{Chat, ChatRequest},
};
use ferro_engine::{
    Caller, CircuitSettings, Engine, Parts, Retry, Route, StreamTimes, Target, TargetParts,
    allowance::{Allowance, AllowanceSettings},
    breaker::BreakerSettings,
};
use ferro_metrics::Metrics;
use ferro_strategies::{Fallback, LeastLatency, LoadBalance};
use tokio::time::Instant;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 500)]
fn fallback(bencher: Bencher<'_, '_>) {
    planned(bencher, Fallback);
}

#[divan::bench(sample_size = 500)]
fn load_balance(bencher: Bencher<'_, '_>) {
    planned(bencher, LoadBalance);
}

#[divan::bench(sample_size = 500)]
fn least_latency(bencher: Bencher<'_, '_>) {
    planned(bencher, LeastLatency::default());
}

fn planned(bencher: Bencher<'_, '_>, strategy: impl Strategy + 'static) {
    let engine = engine(Box::new(strategy));
    let request = ChatRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec());
    let caller =
        Caller { request_id: RequestId::from("r"), principal: Principal::ANONYMOUS, roll: 7 };
    let request = request.expect("a model and a message are a request");
    let mut opened = engine.open_request::<Chat>(caller, request);
    bencher.bench_local(|| opened.preview().map(|decision| decision.considered.len()).ok());
}

fn engine(strategy: Box<dyn Strategy>) -> Arc<Engine> {
    let metrics = Arc::new(Metrics::new());
    let targets: Vec<_> = (0..50).map(|n| Arc::new(target(n, &metrics))).collect();
    Engine::new(Parts {
        default_route: Route::default_of(targets.len(), "bench", strategy),
        routes: Vec::new(),
        targets,
        retries: Arc::new(Allowance::new(AllowanceSettings::RETRIES, Instant::now())),
        aliases: HashMap::new(),
        larger_models: HashMap::new(),
        session_headers: Vec::new(),
        plugins: Vec::new(),
        observers: Vec::new(),
        request_timeout: None,
        stream: StreamTimes { commit_after: Duration::MAX, keep_alive: Duration::ZERO },
        transport: Arc::new(Nobody),
        metrics,
        limits: Limits::default(),
        max_reply: 1 << 20,
    })
}

fn target(n: usize, metrics: &Metrics) -> Target {
    let parts = TargetParts {
        id: TargetId::from(format!("target-{n}")),
        provider: Arc::new(Nobody),
        upstream: Arc::new(Nobody),
        keys: vec![(Arc::new(StaticCredential::default()), 1.0)],
        weight: 1.0,
        retry: Retry::default(),
        circuit: Some(CircuitSettings { breaker: BreakerSettings::default(), per_model: false }),
        gate: None,
        first_token: None,
        models: vec!["m".to_owned()],
        facts: HashMap::new(),
        other_facts: None,
    };
    Target::new(parts, metrics)
}

/// Has the model, and is never asked.
#[derive(Debug)]
struct Nobody;

impl Provider for Nobody {
    fn owns(&self, _: &str) -> Owns {
        Owns::Yes
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for Nobody {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Transport))
    }
}

#[async_trait]
impl Upstream for Nobody {
    async fn send(
        &self,
        _: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Transport))
    }
}

#[async_trait]
impl Transport for Nobody {
    async fn send(
        &self,
        _: http::Request<Payload>,
    ) -> Result<http::Response<Inflow>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Transport))
    }
}
