//! Accounting for a request exactly once, however it ends.

use std::{
    iter, mem,
    ops::{Deref, DerefMut},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use ferro_core::{
    ErrorKind, Finish, Models, Outcome, Price, Problem, ProviderError, Record, Reservation, Stage,
    Surface, SurfaceKind, TargetId, Usage,
};
use ferro_metrics::Status;
use http::StatusCode;
use tokio::time::Instant;

use crate::{Caller, Engine, Target, calls::Calls, estimate::Tally, pass::Pass};

/// A request's open account. Dropping it closes it: as cancelled, unless it was told better.
pub(crate) struct Account {
    pub(crate) engine: Arc<Engine>,
    pub(crate) record: Draft,
    pub(crate) reservations: Vec<Box<dyn Reservation>>,
    pub(crate) calls: Calls,
    /// Who was asked besides, and abandoned because another was faster.
    pub(crate) abandoned: Vec<Arc<Target>>,
    /// Who was asked last.
    target: Option<Arc<Target>>,
    /// The place of the reply that is being read, until it has ended.
    pass: Option<Pass>,
    started: Instant,
    /// How long we took until the reply began: what comes after is the upstream's pace and the
    /// client's.
    overhead: Option<Duration>,
    is_settled: bool,
}

/// A record that is being written. It stands where it will be shared from, so that it is neither
/// copied when it is told nor moved with whoever writes it.
pub(crate) struct Draft(Arc<Record>);

impl Deref for Draft {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}

impl DerefMut for Draft {
    /// Who has been told of an end has seen the record as it was then: what is written later, if
    /// anything is, is written to a copy that nobody sees.
    fn deref_mut(&mut self) -> &mut Record {
        Arc::make_mut(&mut self.0)
    }
}

impl Account {
    pub(crate) fn open(engine: Arc<Engine>, caller: &Caller, surface: SurfaceKind) -> Self {
        engine.parts.metrics.in_flight().inc();
        let key = caller.principal.key.clone();
        Self {
            record: Draft(Arc::new(Record::open(caller.request_id.clone(), surface, key))),
            engine,
            reservations: Vec::new(),
            calls: Calls::default(),
            abandoned: Vec::new(),
            target: None,
            pass: None,
            started: Instant::now(),
            overhead: None,
            is_settled: false,
        }
    }

    pub(crate) fn asked(&mut self, target: &Arc<Target>) {
        self.record.target = Some(target.id().clone());
        self.target = Some(Arc::clone(target));
    }

    /// Who was asked last.
    pub(crate) fn target(&self) -> Option<&Target> {
        self.target.as_deref()
    }

    /// Which of its keys the target was shown that answers, where it has several.
    pub(crate) fn key(&self) -> Option<u16> {
        self.pass.as_ref().and_then(Pass::key)
    }

    /// A target has begun to answer: how its reply ends is told to its circuit.
    pub(crate) fn bound(&mut self, mut pass: Pass) {
        self.asked(pass.target());
        pass.begun();
        self.pass = Some(pass);
    }

    /// The time for the whole reply is over. Whoever is being asked did not answer in it.
    pub(crate) fn expire(&mut self) {
        self.calls.abandon(Some(&ProviderError::new(ErrorKind::TotalTimeout)));
    }

    /// The reply begins. Returns how long we took until now.
    pub(crate) fn begin(&mut self) -> Duration {
        let overhead = (self.calls.ended() - self.started).saturating_sub(self.calls.waited());
        *self.overhead.insert(overhead)
    }

    pub(crate) fn first_event(&mut self) {
        self.record.time_to_first_token = Some(self.calls.ended() - self.started);
    }

    pub(crate) fn saw(&mut self, usage: Option<Usage>, finish: Option<Finish>) {
        if let Some(usage) = usage {
            self.record.usage = Some(usage);
        }
        self.record.finish = finish.or(self.record.finish);
    }

    pub(crate) fn serve(&mut self) {
        if let Some(mut pass) = self.pass.take() {
            pass.succeeded();
        }
        self.record.outcome = Outcome::Served;
        self.record.status = StatusCode::OK;
    }

    /// The reply breaks off.
    pub(crate) fn break_off(&mut self, error: &ProviderError) {
        if let Some(mut pass) = self.pass.take() {
            pass.failed(error, &self.record.model);
        }
        // Another one may have begun later, and been abandoned.
        let answering = self.record.target.as_ref();
        let mut made = self.calls.made.iter_mut().rev();
        if let Some(attempt) = made.find(|attempt| Some(&attempt.target) == answering) {
            attempt.error = Some(error.kind());
        }
    }

    /// The request ends with a problem.
    pub(crate) fn end(&mut self, outcome: Outcome, mut problem: Problem) -> Problem {
        problem.overhead = Some(self.started.elapsed().saturating_sub(self.calls.waited()));
        self.record.outcome = outcome;
        self.record.status = problem.status;
        self.record.error = Some(problem.detail.clone().unwrap_or_else(|| problem.message.clone()));
        problem
    }

    /// What nobody has counted of the reply is estimated, now that it has ended.
    pub(crate) fn estimate<S: Surface>(&mut self, tally: &mut Tally<S>) {
        if !self.is_settled {
            tally.settle(&mut self.record, &*self.engine.parts.tokenizer);
        }
    }

    /// Settles, unless that is done: when everything was said, and not only when whoever read it has
    /// let go of it.
    pub(crate) fn close(&mut self) {
        if !self.is_settled {
            self.is_settled = true;
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.calls.abandon(None);
        if thread::panicking() && self.record.outcome == Outcome::Cancelled {
            self.panicked();
        }
        let (duration, price) = (self.started.elapsed(), self.price());
        let (waited, overhead) = (self.calls.waited(), self.overhead);
        let record = &mut *self.record;
        record.attempts = mem::take(&mut self.calls.made);
        record.duration = duration;
        record.overhead = overhead.unwrap_or_else(|| duration.saturating_sub(waited));
        record.price = price;
        self.count();
        self.tell();
        // Whoever has read the last word may hold on to the reply; the place is somebody else's.
        self.pass = None;
    }

    /// The request ends because code of ours, or of a plugin or a provider, panicked.
    pub(crate) fn panicked(&mut self) -> Problem {
        self.pass = None;
        let message = format!(
            "the gateway failed; its log says more about request {}",
            self.record.request_id
        );
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        self.end(Outcome::Failed, Problem::new(status, "server_error", "internal_error", message))
    }

    /// Whoever wants to know how it ended is told, and shares one record.
    fn tell(&mut self) {
        let record = &self.record.0;
        for reservation in self.reservations.drain(..) {
            guarded("a reservation", record, |record| reservation.settle(record));
        }
        let has_failed = record.outcome != Outcome::Served;
        for (stage, plugin) in &self.engine.parts.plugins {
            let is_told = match stage {
                Stage::BeforeRequest => false,
                Stage::AfterRequest => true,
                Stage::OnError => has_failed,
                _ => false,
            };
            if is_told {
                guarded(plugin.name(), record, |record| {
                    plugin.observer().into_iter().for_each(|observer| observer.observe(record));
                });
            }
        }
        for observer in &self.engine.parts.observers {
            guarded("an observer", record, |record| observer.observe(record));
        }
    }

    /// What it cost, with what was paid for calls that were abandoned: they had read the prompt.
    fn price(&self) -> Price {
        let Some(usage) = &self.record.usage else { return Price::NoUsage };
        let cost = |known: &dyn Models, usage| known.cost(&self.record.model, usage);
        let known: &dyn Models = self.target().map_or(&(), Target::known);
        let read = Usage::new(usage.prompt_tokens, 0);
        let extra = self.abandoned.iter().map(|target| cost(target.known(), &read));
        let all = iter::once(cost(known, usage)).chain(extra);
        let whole = all.reduce(|whole, extra| {
            let mut whole = whole?;
            whole += extra?;
            Ok(whole)
        });
        match whole {
            Some(Ok(whole)) => Price::Priced(whole),
            Some(Err(unpriced)) => Price::Unpriced(unpriced),
            None => Price::NoUsage,
        }
    }

    fn count(&self) {
        let record = &self.record;
        let asked = self.target.as_ref();
        let nobody = &self.engine.nobody;
        let series = asked.map_or(nobody, |target| target.series(&record.model));
        let status = match record.outcome {
            Outcome::Served => Status::Success,
            Outcome::Refused | Outcome::Denied => Status::Rejected,
            _ => Status::Error,
        };
        series.request(status, record.duration);
        if let Some(label) = record.decision.as_ref().and_then(|decision| decision.label.as_ref()) {
            self.engine.parts.metrics.variant(label, status);
        }
        if let Some(usage) = &record.usage {
            series.tokens(usage.prompt_tokens, usage.completion_tokens);
            if usage.estimated {
                series.estimated();
            }
        }
        match record.price {
            Price::Priced(cost) => series.cost(cost.total.dollars()),
            Price::Unpriced(_) => series.unpriced(),
            _ => {}
        }
        for attempt in &record.attempts {
            if let Some(error) = attempt.error {
                self.count_error(&attempt.target, error);
            }
        }
        if let (Outcome::Cancelled, Some(target)) = (record.outcome, &record.target) {
            self.count_error(target, ErrorKind::Cancelled);
        }
        let metrics = &self.engine.parts.metrics;
        // Nobody else refuses a request with this status before a target is asked.
        if record.outcome == Outcome::Denied && record.status == StatusCode::TOO_MANY_REQUESTS {
            metrics.rate_limited_by_plugin();
        }
        metrics.in_flight().dec();
    }

    fn count_error(&self, target: &TargetId, error: ErrorKind) {
        let error_type = error.class().metric;
        let known = self.engine.targets().iter().find(|known| known.id() == target);
        if !known.is_some_and(|known| known.series(&self.record.model).error(error_type)) {
            self.engine.parts.metrics.provider_error(target, error_type);
        }
    }
}

/// Who is told of an end cannot change it, nor keep others from being told: not by a panic either,
/// which would end the process where the account is closed by one.
fn guarded(who: &str, record: &Arc<Record>, tell: impl FnOnce(&Arc<Record>)) {
    if catch_unwind(AssertUnwindSafe(|| tell(record))).is_err() {
        let id = &record.request_id;
        tracing::error!(who, request_id = %id, "panicked when told how a request ended");
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.close();
    }
}
