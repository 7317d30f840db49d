//! What it costs to select a target among fifty: who could answer, how each of them stands, the
//! strategy's order, the decision with its reasons, and whoever cannot be asked now.
//! `cargo bench -p ferro-engine --bench plan`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use divan::{AllocProfiler, Bencher};
use ferro_catalog::{Declared, Overlay, Shared, TargetModels};
use ferro_core::{
    CallContext, ErrorKind, Head, Inflow, KeyId, Limits, Owns, Payload, Principal, Provider,
    ProviderError, Reply, ReplyBody, RequestId, Serve, StaticCredential, Strategy, TargetId,
    Transport, Upstream,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_engine::{
    Caller, CircuitSettings, Engine, Homes, Issuers, Memory, OnUnsaid, Opened, Parts, Retry, Route,
    StreamTimes, Target, TargetParts,
    allowance::{Allowance, AllowanceSettings},
    breaker::BreakerSettings,
};
use ferro_metrics::Metrics;
use ferro_strategies::{
    Condition, ContentRule, LoadBalance, MODES, Settings, Sticky, Variant, build,
};
use tokio::time::Instant;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// How many targets there are to choose from.
const TARGETS: usize = 50;

fn main() {
    divan::main();
}

#[divan::bench(args = MODES, sample_size = 500)]
fn among_fifty(bencher: Bencher<'_, '_>, mode: &str) {
    selected(bencher, mode, 0);
}

#[divan::bench(args = MODES, sample_size = 500)]
fn among_fifty_of_which_ten_are_dead(bencher: Bencher<'_, '_>, mode: &str) {
    selected(bencher, mode, 10);
}

/// Selects a target for the same request over and over, among targets of which the first `dead` have
/// open circuits.
fn selected(bencher: Bencher<'_, '_>, mode: &str, dead: usize) {
    let metrics = Arc::new(Metrics::new());
    let targets: Vec<_> = (0..TARGETS).map(|n| Arc::new(target(n, n < dead, &metrics))).collect();
    work(&engine(&targets, &metrics, Box::new(LoadBalance)));
    let strategy = build(mode, settings(&targets)).expect("it is one of the modes");
    let mut opened = open(&engine(&targets, &metrics, strategy), 7);
    bencher.bench_local(|| opened.preview().map(|decision| decision.considered.len()).ok());
}

/// A working day: everybody has been asked, so that it is known how long each takes, or that it is
/// dead.
fn work(engine: &Arc<Engine>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be had");
    for roll in 0..2_000 {
        runtime.block_on(open(engine, roll).run()).map(drop).expect("most of them answer");
    }
}

fn open(engine: &Arc<Engine>, roll: u64) -> Box<Opened<Chat>> {
    let said = r#"{"model":"m","user":"u","messages":[{"role":"user","content":"a refund"}]}"#;
    let request = ChatRequest::parse(said.as_bytes().to_vec()).expect("it is a chat request");
    let principal = Principal::new(KeyId::from("team"));
    engine.open_request(Caller { request_id: RequestId::from("r"), principal, roll }, request)
}

/// As many rules and variants as targets; the last rule matches, and of the patterns as well.
fn settings(targets: &[Arc<Target>]) -> Settings {
    let last = targets[TARGETS - 1].id();
    let rule = |target: &Arc<Target>| {
        let model = if target.id() == last { "m" } else { "n" };
        Condition::new("model", model, target.id().clone())
    };
    let pattern = |text| ContentRule::new("prompt_contains", text, last.clone());
    let patterns = ["invoice", "order", "Refund"].map(|text| pattern(text).expect("it is a text"));
    Settings {
        conditions: targets.iter().map(rule).collect(),
        content_rules: patterns.into(),
        variants: targets.iter().map(|t| Variant::new(t.id().clone(), None, "")).collect(),
        sticky: Some(Sticky::User),
        ..Settings::default()
    }
}

fn engine(
    targets: &[Arc<Target>],
    metrics: &Arc<Metrics>,
    strategy: Box<dyn Strategy>,
) -> Arc<Engine> {
    Engine::new(Parts {
        default_route: Route::default_of(targets.len(), "bench", strategy),
        routes: Vec::new(),
        targets: targets.to_vec(),
        retries: Arc::new(Allowance::new(AllowanceSettings::RETRIES, Instant::now())),
        aliases: HashMap::new(),
        larger_models: HashMap::new(),
        session_headers: Vec::new(),
        plugins: Vec::new(),
        observers: Vec::new(),
        request_timeout: None,
        stream: StreamTimes { commit_after: Duration::MAX, keep_alive: Duration::ZERO },
        transport: Arc::new(Nowhere),
        issuers: Issuers { operators: Arc::new(Nowhere), metadata: Arc::new(Nowhere) },
        on_unsaid: OnUnsaid::Warn,
        fetch: None,
        metrics: Arc::clone(metrics),
        limits: Limits::default(),
        max_reply: 1 << 20,
        whereabouts: Arc::new(Memory::default()),
        homes: Homes::default(),
        tokenizer: Arc::new(ferro_core::ByScript),
    })
}

fn target(n: usize, is_dead: bool, metrics: &Metrics) -> Target {
    let breaker =
        BreakerSettings { open_for: Duration::from_secs(3_600), ..BreakerSettings::default() };
    let parts = TargetParts {
        id: TargetId::from(format!("target-{n}")),
        provider: Arc::new(Vendor { is_dead }),
        upstream: Arc::new(Nowhere),
        others: Vec::new(),
        keys: vec![(Arc::new(StaticCredential::default()), 1.0)],
        weight: 1.0,
        retry: Retry::default(),
        circuit: Some(CircuitSettings { breaker, per_model: false }),
        gate: None,
        first_token: None,
        models: vec!["m".to_owned()],
        priced: Vec::new(),
        known: Arc::new(known()),
    };
    Target::new(parts, metrics)
}

/// A catalogue's models, of which one is declared.
fn known() -> TargetModels {
    let prices = [("input", "3"), ("output", "15")];
    let prices = prices.map(|(key, dollars)| (key.to_owned(), dollars.to_owned()));
    let declared = Declared { id: "m".into(), prices: prices.into(), ..Declared::default() };
    let shared = Arc::new(Shared::new(Overlay::default()).expect("nothing is declared"));
    TargetModels::new(shared, "none", &[declared]).expect("it makes sense")
}

/// Answers at once, unless it is dead.
#[derive(Debug)]
struct Vendor {
    is_dead: bool,
}

impl Provider for Vendor {
    fn owns(&self, _: &str) -> Owns {
        Owns::Yes
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for Vendor {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        if self.is_dead {
            return Err(ProviderError::new(ErrorKind::Transport));
        }
        let whole = ChatResponse::new(Bytes::from_static(b"{}"), None, None);
        Ok(Reply { head: Head::default(), body: ReplyBody::Whole(whole) })
    }
}

/// Is never used.
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
