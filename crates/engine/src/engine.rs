//! One configuration at work, and the entrance to it.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use ferro_core::{
    CredentialContext, FetchPolicy, Head, Inbound, Limits, Observer, Outcome, Plugin, Principal,
    Problem, Replay, RequestId, Stage, Subject, Surface, TargetId, Tokenizer, Transport, Unsaid,
    Whereabouts,
};
use ferro_metrics::{Metrics, Series};
use http::{HeaderMap, HeaderName};

use crate::{
    Events, Homes, OnUnsaid, Route, Target, account::Account, allowance::Allowance,
    roster::Rosters, route::Reach,
};

/// What an engine is made of.
pub struct Parts {
    /// Who can be asked, in the configured order.
    pub targets: Vec<Arc<Target>>,
    /// The ways that some requests take.
    pub routes: Vec<Route>,
    /// The way that all others take.
    pub default_route: Route,
    /// What there is to spend on asking targets again.
    pub retries: Arc<Allowance>,
    /// Friendly names of models.
    pub aliases: HashMap<String, String>,
    /// Which model takes over from which where a prompt does not fit.
    pub larger_models: HashMap<String, String>,
    /// Headers in which clients name their session.
    pub session_headers: Vec<HeaderName>,
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
    /// The way to whoever issues credentials.
    pub issuers: Issuers,
    /// What follows where a target cannot be told all that a request says.
    pub on_unsaid: OnUnsaid,
    /// How media are fetched that a request names by URL; not at all if `None`.
    pub fetch: Option<FetchPolicy>,
    /// Where things are counted.
    pub metrics: Arc<Metrics>,
    /// Who counts tokens where a vendor does not.
    pub tokenizer: Arc<dyn Tokenizer>,
    /// How much of a request is read.
    pub limits: Limits,
    /// The most bytes of a whole reply, or of one event.
    pub max_reply: usize,
    /// Who remembers where what upstreams keep lives. It outlives a configuration.
    pub whereabouts: Arc<dyn Whereabouts>,
    /// Who is asked for what nobody remembers.
    pub homes: Homes,
}

/// The ways to whoever issues credentials.
#[derive(Clone)]
pub struct Issuers {
    /// To any host that the operator chose.
    pub operators: Arc<dyn Transport>,
    /// To where the machine's own cloud serves its credentials, and to no other place.
    pub metadata: Arc<dyn Transport>,
}

impl Issuers {
    /// What a source may use now.
    pub(crate) fn context(&self) -> CredentialContext<'_> {
        CredentialContext::new(&*self.operators, &*self.metadata)
    }
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
    /// What each route leads to, the default one last.
    pub(crate) reach: Vec<Reach>,
    pub(crate) rosters: Rosters,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("targets", &self.parts.targets)
            .field("routes", &self.parts.routes)
            .finish_non_exhaustive()
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
    /// The variant of an experiment that the request was drawn into.
    pub variant: Option<Arc<str>>,
    /// What the target could not be told of the request.
    pub unsaid: Vec<Unsaid>,
    /// How many calls were made.
    pub attempts: usize,
    /// How long we took, without the waiting for upstreams.
    pub overhead: Duration,
    /// The reply.
    pub body: AnswerBody<S>,
    /// The account of a reply that came in one piece to a request for a stream: it is served unless
    /// [`events`](Self::events) are what its client has to have.
    pub(crate) account: Option<Box<Account>>,
}

impl<S: Surface> Answer<S> {
    /// The events of the reply. Where it came in one piece, or as bytes, the request has failed, with this
    /// problem.
    pub fn events(self, unasked: impl FnOnce(&Self) -> Problem) -> Result<Events, Problem> {
        if let AnswerBody::Stream(events) = self.body {
            return Ok(events);
        }
        let problem = unasked(&self);
        match (self.body, self.account) {
            (AnswerBody::Bytes(mut bytes), _) => Err(bytes.as_mut().refuse(problem)),
            (_, Some(mut account)) => Err(account.end(Outcome::Failed, problem)),
            (_, None) => Err(problem),
        }
    }
}

/// What a client reads.
pub enum AnswerBody<S: Surface> {
    /// All of it.
    Whole(S::Whole),
    /// Events as they come. Dropping it ends the request as cancelled.
    Stream(Events),
    /// Bytes of the upstream's own content type, as they come. An `Err` means that they are not all
    /// there. Dropping it ends the request as cancelled.
    Bytes(Events),
}

impl Engine {
    /// An engine of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        let nobody = parts.metrics.series("none", "unknown");
        let routes: Vec<_> = parts.routes.iter().chain([&parts.default_route]).collect();
        let reach = |start| Reach::of(&routes, start, &parts.targets);
        let reach = (0..routes.len()).map(reach).collect();
        let rosters = Rosters::new(&parts.targets);
        Arc::new(Self { parts, nobody, reach, rosters })
    }

    /// A route by its place; the default one stands behind all others.
    pub(crate) fn route(&self, place: usize) -> &Route {
        self.parts.routes.get(place).unwrap_or(&self.parts.default_route)
    }

    /// A route by its name; the default one has an empty name.
    pub fn route_named(&self, name: &str) -> Option<&Route> {
        let mut routes = self.parts.routes.iter().chain([&self.parts.default_route]);
        routes.find(|route| *route.name == *name)
    }

    /// Whether a target gets nothing of what comes by a route.
    pub(crate) fn is_drained(&self, route: usize, target: usize) -> bool {
        self.reach[route].drains() && self.parts.targets[target].parts().weight <= 0.0
    }

    /// Who can be asked.
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.parts.targets
    }

    /// What targets know about their models has changed: requests that come from now on see it.
    pub fn models_changed(&self) {
        self.rosters.outdate();
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

    /// Understands a request (station 2) and opens its account. What is returned is large, and stays
    /// where it is until the request has been answered.
    pub async fn open<S: Surface>(
        self: &Arc<Self>,
        caller: Caller,
        mut inbound: Inbound,
    ) -> Result<Box<Opened<S>>, Problem> {
        let mut account = Account::open(Arc::clone(self), &caller, S::KIND);
        match S::read(&mut inbound, &self.parts.limits).await {
            Ok(request) => Ok(self.opened(caller, account, request, inbound.headers)),
            Err(bad) => {
                let outcome = match bad.status {
                    _ if bad.is_abandoned() => Outcome::Cancelled,
                    status if status.is_server_error() => Outcome::Failed,
                    _ => Outcome::Refused,
                };
                Err(account.end(outcome, Problem::from(&bad)))
            }
        }
    }

    /// Opens the account of a request that is understood already.
    pub fn open_request<S: Surface>(
        self: &Arc<Self>,
        caller: Caller,
        request: S::Request,
    ) -> Box<Opened<S>> {
        let account = Account::open(Arc::clone(self), &caller, S::KIND);
        self.opened(caller, account, request, HeaderMap::new())
    }

    fn opened<S: Surface>(
        &self,
        caller: Caller,
        mut account: Account,
        mut request: S::Request,
        headers: HeaderMap,
    ) -> Box<Opened<S>> {
        if let (Replay::Passing, Some(spool)) = (request.replay(), &self.parts.limits.spool) {
            let folder = spool.folder().display();
            tracing::warn!(%folder, "a body finds no room in spool_dir, and cannot be sent again");
        }
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
        Box::new(Opened { request, headers, caller, account })
    }
}

impl<S: Surface> Opened<S> {
    /// Whether the client wants events as they come.
    pub fn wants_stream(&self) -> bool {
        self.request.wants_stream()
    }
}
