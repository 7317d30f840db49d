//! One configuration at work, and the entrance to it.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use ferro_core::{
    Head, Inbound, Limits, Observer, Outcome, Plugin, Principal, Problem, RequestId, Stage,
    Strategy, Subject, Surface, TargetId, Transport,
};
use ferro_metrics::{Metrics, Series};
use http::HeaderMap;

use crate::{Events, Target, account::Account};

/// What an engine is made of.
pub struct Parts {
    /// Who can be asked, in the configured order.
    pub targets: Vec<Arc<Target>>,
    /// In which order they are asked.
    pub strategy: Box<dyn Strategy>,
    /// Friendly names of models.
    pub aliases: HashMap<String, String>,
    /// Policy, in the configured order.
    pub plugins: Vec<(Stage, Arc<dyn Plugin>)>,
    /// Who learns how every request ended, besides the policy.
    pub observers: Vec<Arc<dyn Observer>>,
    /// How long a reply in one piece may take, all targets together. A stream takes its time.
    pub request_timeout: Option<Duration>,
    /// How patient a stream's client is taken to be.
    pub stream: StreamTimes,
    /// The way to hosts that are no target's.
    pub transport: Arc<dyn Transport>,
    /// Where things are counted.
    pub metrics: Arc<Metrics>,
    /// How much of a request is read.
    pub limits: Limits,
    /// The most bytes of a whole reply, or of one event.
    pub max_reply: usize,
}

/// How patient a stream's client is taken to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StreamTimes {
    /// A reply begins after this time at the latest, even if no target has said anything: what goes
    /// wrong from then on is told inside the stream.
    pub commit_after: Duration,
    /// A reply that is silent for this long shows that it is alive; never if zero.
    pub keep_alive: Duration,
}

/// One configuration at work. Immutable.
pub struct Engine {
    pub(crate) parts: Parts,
    pub(crate) nobody: Series,
    /// No target has a weight, which means that all are equal.
    pub(crate) is_all_drained: bool,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("targets", &self.parts.targets).finish_non_exhaustive()
    }
}

/// On whose behalf a request comes.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request's name.
    pub request_id: RequestId,
    /// Who calls.
    pub principal: Principal,
    /// This request's share of randomness.
    pub roll: u64,
}

/// A request that was understood, and has an account.
pub struct Opened<S: Surface> {
    pub(crate) request: S::Request,
    /// The client's headers, without credentials.
    pub(crate) headers: HeaderMap,
    pub(crate) caller: Caller,
    pub(crate) account: Account,
}

/// A reply on its way to the client.
pub struct Answer<S: Surface> {
    /// The upstream's status and headers.
    pub head: Head,
    /// Who answered; nobody, if policy did.
    pub target: Option<TargetId>,
    /// How many calls were made.
    pub attempts: usize,
    /// How long we took, without the waiting for upstreams.
    pub overhead: Duration,
    /// The reply.
    pub body: AnswerBody<S>,
}

/// What a client reads.
pub enum AnswerBody<S: Surface> {
    /// All of it.
    Whole(S::Whole),
    /// Events as they come. Dropping it ends the request as cancelled.
    Stream(Events),
}

impl Engine {
    /// An engine of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        let nobody = parts.metrics.series("none", "unknown");
        let is_all_drained = parts.targets.iter().all(|target| target.parts().weight <= 0.0);
        Arc::new(Self { parts, nobody, is_all_drained })
    }

    /// Who can be asked.
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.parts.targets
    }

    /// How patient a stream's client is taken to be.
    pub fn stream_times(&self) -> StreamTimes {
        self.parts.stream
    }

    /// Where things are counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.parts.metrics
    }

    /// The model that a name means.
    pub fn resolve_alias<'a>(&'a self, model: &'a str) -> &'a str {
        self.parts.aliases.get(model).map_or(model, String::as_str)
    }

    /// Understands a request (station 2) and opens its account.
    pub async fn open<S: Surface>(
        self: &Arc<Self>,
        caller: Caller,
        mut inbound: Inbound,
    ) -> Result<Opened<S>, Problem> {
        let mut account = Account::open(Arc::clone(self), &caller, S::KIND);
        match S::read(&mut inbound, &self.parts.limits).await {
            Ok(request) => Ok(self.opened(caller, account, request, inbound.headers)),
            Err(bad) => {
                let is_abandoned = bad.is_abandoned();
                let outcome = if is_abandoned { Outcome::Cancelled } else { Outcome::Refused };
                Err(account.end(outcome, Problem::from(&bad)))
            }
        }
    }

    /// Opens the account of a request that is understood already.
    pub fn open_request<S: Surface>(
        self: &Arc<Self>,
        caller: Caller,
        request: S::Request,
    ) -> Opened<S> {
        let account = Account::open(Arc::clone(self), &caller, S::KIND);
        self.opened(caller, account, request, HeaderMap::new())
    }

    fn opened<S: Surface>(
        &self,
        caller: Caller,
        mut account: Account,
        mut request: S::Request,
        headers: HeaderMap,
    ) -> Opened<S> {
        let model: Arc<str> = request.model().into();
        // Aliases are resolved before anything looks at the model.
        let meant = self.parts.aliases.get(&*model).map(|meant| {
            request.set_model(meant);
            Arc::from(request.model())
        });
        let record = &mut *account.record;
        record.stream = request.wants_stream();
        record.model = meant.unwrap_or_else(|| Arc::clone(&model));
        record.requested_model = model;
        Opened { request, headers, caller, account }
    }
}

impl<S: Surface> Opened<S> {
    /// Whether the client wants events as they come.
    pub fn wants_stream(&self) -> bool {
        self.request.wants_stream()
    }
}
