//! Accounting for a request exactly once, however it ends.

use std::{
    ops::{Deref, DerefMut},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use ferro_core::{
    Attempt, ErrorKind, Finish, ModelFacts, Outcome, Price, Problem, ProviderError, Record,
    Reservation, Stage, SurfaceKind, TargetId, Usage,
};
use ferro_metrics::Status;
use http::StatusCode;
use tokio::time::Instant;

use crate::{Caller, Engine, Target, pace::Busy};

/// A request's open account. Dropping it closes it: as cancelled, unless it was told better.
pub(crate) struct Account {
    pub(crate) engine: Arc<Engine>,
    pub(crate) record: Draft,
    pub(crate) reservations: Vec<Box<dyn Reservation>>,
    target: Option<Busy>,
    /// When the call that is under way began.
    calling: Option<Instant>,
    /// When the last call ended: a reply begins then, so the clock is read once for both.
    answered: Option<Instant>,
    /// When the pause before the next call began.
    pausing: Option<Instant>,
    started: Instant,
    waited: Duration,
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
            target: None,
            calling: None,
            answered: None,
            pausing: None,
            started: Instant::now(),
            waited: Duration::ZERO,
            overhead: None,
            is_settled: false,
        }
    }

    pub(crate) fn asked(&mut self, target: &Arc<Target>) {
        self.record.target = Some(target.id().clone());
        self.target = Some(Busy::new(target));
    }

    /// A call of the target begins. One that is abandoned is found out when the account closes, and
    /// has no error: nobody waited for it to have one.
    pub(crate) fn call(&mut self) {
        self.calling = Some(Instant::now());
    }

    /// The call ended: with an answer, or a first frame, or like this.
    /// Returns how long it took.
    pub(crate) fn called(&mut self, error: Option<&ProviderError>) -> Duration {
        let (Some(begun), Some(busy)) = (self.calling.take(), &self.target) else {
            return Duration::ZERO;
        };
        let target = busy.target();
        let now = Instant::now();
        let took = now - begun;
        self.answered = Some(now);
        self.waited += took;
        let mut attempt = Attempt::new(target.id().clone(), took);
        if let Some(error) = error {
            attempt.error = Some(error.kind());
            attempt.status = error.status().map(|status| status.as_u16());
            tracing::debug!(target = %target.id(), %error, "call failed");
        }
        self.record.attempts.push(attempt);
        took
    }

    /// The time for the whole reply is over. Whoever is being asked did not answer in it.
    pub(crate) fn expire(&mut self) {
        self.resume();
        self.called(Some(&ProviderError::new(ErrorKind::Timeout)));
    }

    /// A pause begins, until [`resume`](Self::resume): it is not our work.
    pub(crate) fn pause(&mut self) {
        self.pausing = Some(Instant::now());
    }

    pub(crate) fn resume(&mut self) {
        self.waited += self.pausing.take().map_or(Duration::ZERO, |begun| begun.elapsed());
    }

    /// The reply begins. Returns how long we took until now.
    pub(crate) fn begin(&mut self) -> Duration {
        let overhead = self.until_answered().saturating_sub(self.waited);
        *self.overhead.insert(overhead)
    }

    pub(crate) fn first_event(&mut self) {
        self.record.time_to_first_token = Some(self.until_answered());
    }

    /// From the beginning until the call that was answered ended; until now, if none was made.
    fn until_answered(&self) -> Duration {
        self.answered.unwrap_or_else(Instant::now) - self.started
    }

    pub(crate) fn saw(&mut self, usage: Option<Usage>, finish: Option<Finish>) {
        self.record.usage = usage.or(self.record.usage);
        self.record.finish = finish.or(self.record.finish);
    }

    pub(crate) fn serve(&mut self) {
        self.record.outcome = Outcome::Served;
        self.record.status = StatusCode::OK;
    }

    /// The request ends with a problem.
    pub(crate) fn end(&mut self, outcome: Outcome, problem: Problem) -> Problem {
        self.record.outcome = outcome;
        self.record.status = problem.status;
        self.record.error = Some(problem.detail.clone().unwrap_or_else(|| problem.message.clone()));
        problem
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
        self.resume();
        self.called(None);
        if thread::panicking() && self.record.outcome == Outcome::Cancelled {
            self.panicked();
        }
        let (duration, price) = (self.started.elapsed(), self.price());
        let record = &mut *self.record;
        record.duration = duration;
        record.overhead = self.overhead.unwrap_or_else(|| duration.saturating_sub(self.waited));
        record.price = price;
        self.count();
        self.tell();
    }

    /// The request ends because code of ours, or of a plugin or a provider, panicked.
    pub(crate) fn panicked(&mut self) -> Problem {
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

    fn price(&self) -> Price {
        let Some(usage) = &self.record.usage else { return Price::NoUsage };
        let facts = self.target.as_ref().and_then(|busy| busy.target().facts(&self.record.model));
        let cost = facts.and_then(|facts: &ModelFacts| facts.rates.cost(usage));
        cost.map_or(Price::Unpriced, Price::Priced)
    }

    fn count(&self) {
        let record = &self.record;
        let asked = self.target.as_ref();
        let nobody = &self.engine.nobody;
        let series = asked.map_or(nobody, |busy| busy.target().series(&record.model));
        let status = match record.outcome {
            Outcome::Served => Status::Success,
            Outcome::Refused | Outcome::Denied => Status::Rejected,
            _ => Status::Error,
        };
        series.request(status, record.duration);
        if let Some(usage) = &record.usage {
            series.tokens(usage.prompt_tokens, usage.completion_tokens);
        }
        match record.price {
            Price::Priced(cost) => series.cost(cost.total.dollars()),
            Price::Unpriced => series.unpriced(),
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
