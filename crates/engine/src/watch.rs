//! Station 6: taps see the reply pass, and the account learns how it ends.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use ferro_core::{
    Delta, ErrorKind, Flow, Frame, Frames, Outcome, Problem, ProviderError, Stage, Surface,
    SurfaceKind, TapSession, Whole,
};
use futures_util::Stream;
use http::StatusCode;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{Caller, account::Account, admit::context, estimate::Tally};

/// A tap that holds events back is asked again after this time at the soonest, whatever it says.
const SOONEST: Duration = Duration::from_millis(1);

/// A streamed reply on its way to the client. An `Err` is the last item.
pub type Events = Pin<Box<dyn Passage>>;

/// What a streamed reply is to whoever hands it on.
pub trait Passage: Stream<Item = Result<Frame, Problem>> + Send {
    /// Its client cannot be handed it: the request has failed, with this problem, and nothing more is
    /// read of it.
    fn refuse(self: Pin<&mut Self>, problem: Problem) -> Problem;
}

/// What a streamed reply is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Passing {
    /// Events of the surface: taps see each.
    Events,
    /// Bytes, in which there is nothing to be read: taps are asked at their end only.
    Bytes,
}

/// Watches a stream that begins now: its first frame, if that was awaited, and the others.
pub(crate) fn frames<S: Surface>(
    (mut account, tally): (Account, Tally<S>),
    caller: &Caller,
    (first, inner): (Option<Frame>, Frames),
    passing: Passing,
) -> Events {
    account.first_event();
    let taps = open(&account, caller, S::KIND);
    Box::pin(Watched::<S> {
        account,
        tally,
        first,
        inner,
        passing,
        taps,
        held: Vec::new(),
        alarm: None,
        ready: VecDeque::new(),
        is_over: false,
        is_reading: false,
    })
}

/// Shows a reply in one piece to the taps.
pub(crate) fn whole(
    account: &mut Account,
    caller: &Caller,
    surface: SurfaceKind,
    whole: &mut impl Whole,
) -> Result<(), Problem> {
    let mut taps = open(account, caller, surface);
    if taps.is_empty() {
        return Ok(());
    }
    if let Some(delta) = whole.as_delta() {
        for tap in &mut taps {
            if let Flow::Cut { reason } = tap.session.event(delta, Instant::now()) {
                return Err(cut(account, &tap.plugin, &reason));
            }
        }
    }
    for tap in &mut taps {
        if let Flow::Cut { reason } = tap.session.end() {
            return Err(cut(account, &tap.plugin, &reason));
        }
    }
    Ok(())
}

struct Session {
    plugin: String,
    session: Box<dyn TapSession>,
}

fn open(account: &Account, caller: &Caller, surface: SurfaceKind) -> Vec<Session> {
    let after = account.engine.parts.plugins.iter().filter(|(s, _)| *s == Stage::AfterRequest);
    after
        .filter_map(|(_, plugin)| {
            let session = plugin.tap()?.open(&context(caller, surface));
            Some(Session { plugin: plugin.name().to_owned(), session })
        })
        .collect()
}

fn cut(account: &mut Account, plugin: &str, reason: &str) -> Problem {
    let message = format!("response rejected by {plugin} (after_request): {reason}");
    let status = StatusCode::BAD_GATEWAY;
    account
        .end(Outcome::Denied, Problem::new(status, "upstream_error", "response_rejected", message))
}

struct Watched<S: Surface> {
    account: Account,
    tally: Tally<S>,
    first: Option<Frame>,
    inner: Frames,
    passing: Passing,
    taps: Vec<Session>,
    /// Events that a tap holds back; they pass with the first event that every tap lets pass.
    held: Vec<u8>,
    /// When the taps that hold events back are asked again, at the latest.
    alarm: Option<Pin<Box<Sleep>>>,
    ready: VecDeque<Result<Frame, Problem>>,
    is_over: bool,
    /// Whether it is the upstream's side that is at work: who panics then has failed.
    is_reading: bool,
}

impl<S: Surface> Watched<S> {
    /// Cuts a frame into events and shows each to the taps. Without taps, frames pass whole. What
    /// cannot be shown does not pass: policy would be passed by.
    fn tap(&mut self, frame: Frame) {
        if self.taps.is_empty() || self.passing == Passing::Bytes {
            self.ready.push_back(Ok(frame));
            return;
        }
        let (mut rest, mut passed) = (frame.bytes, Vec::new());
        while let length @ 1.. = S::FRAMING.first(&rest) {
            let raw = rest.split_to(length);
            let mut event = match S::Event::read(raw) {
                Ok(event) => event,
                Err(error) => return self.unreadable(passed, &error.to_string()),
            };
            let now = Instant::now();
            let verdict = self.ask(&mut |tap| tap.event(&mut event, now));
            self.held.extend_from_slice(&event.write());
            match verdict {
                Ok(None) => {
                    self.alarm = None;
                    passed.append(&mut self.held);
                }
                Ok(Some(until)) => self.arm(until),
                Err(problem) => {
                    self.ready.push_back(Ok(Frame::new(passed)));
                    self.end(problem);
                    return;
                }
            }
        }
        if !rest.is_empty() {
            return self.unreadable(passed, "a frame ended in the middle of an event");
        }
        if self.held.len() > self.account.engine.parts.max_reply {
            return self.unreadable(passed, "more is held back than a reply may have");
        }
        let mut shown = Frame::new(passed);
        (shown.usage, shown.finish) = (frame.usage, frame.finish);
        self.ready.push_back(Ok(shown));
    }

    fn unreadable(&mut self, passed: Vec<u8>, why: &str) {
        self.ready.push_back(Ok(Frame::new(passed)));
        self.fail(&ProviderError::new(ErrorKind::Malformed).with_message(why));
    }

    /// Asks every tap. `Ok(Some)` is when to ask again: at least one holds back.
    fn ask(
        &mut self,
        question: &mut dyn FnMut(&mut dyn TapSession) -> Flow,
    ) -> Result<Option<Instant>, Problem> {
        let mut soonest: Option<Instant> = None;
        for tap in &mut self.taps {
            match question(&mut *tap.session) {
                Flow::Pass => {}
                Flow::Hold { until } => soonest = Some(soonest.map_or(until, |s| s.min(until))),
                Flow::Cut { reason } => return Err(cut(&mut self.account, &tap.plugin, &reason)),
            }
        }
        Ok(soonest)
    }

    fn arm(&mut self, until: Instant) {
        match &mut self.alarm {
            Some(alarm) if alarm.deadline() <= until => {}
            Some(alarm) => alarm.as_mut().reset(until),
            None => self.alarm = Some(Box::pin(sleep_until(until))),
        }
    }

    /// The time that a hold named has come.
    fn due(&mut self) {
        self.alarm = None;
        let now = Instant::now();
        match self.ask(&mut |tap| tap.due(now)) {
            Ok(Some(until)) => self.arm(until.max(now + SOONEST)),
            Ok(None) => self.release(),
            Err(problem) => self.end(problem),
        }
    }

    fn release(&mut self) {
        if !self.held.is_empty() {
            self.ready.push_back(Ok(Frame::new(std::mem::take(&mut self.held))));
        }
    }

    /// The upstream has said everything. What is still held passes, unless a tap objects now.
    fn finish(&mut self) {
        match self.ask(&mut |tap| tap.end()) {
            Ok(_) => {
                self.is_over = true;
                self.release();
                self.account.serve();
            }
            Err(problem) => self.end(problem),
        }
    }

    /// The reply ends with a problem; what was held is never shown, and nothing more is asked of
    /// the upstream.
    fn end(&mut self, problem: Problem) {
        self.is_over = true;
        self.held.clear();
        self.inner = Box::pin(futures_util::stream::empty());
        self.ready.push_back(Err(problem));
    }

    /// The reply breaks off.
    fn fail(&mut self, error: &ProviderError) {
        let target = self.account.record.target.clone();
        let problem = Problem::from_upstream(error, target.as_ref());
        self.account.break_off(error);
        let problem = self.account.end(Outcome::Failed, problem);
        self.end(problem);
    }

    /// What can be handed on, and whether the account is to be closed first: with the last item.
    fn next_ready(&mut self) -> Option<Result<Frame, Problem>> {
        let item = self.ready.pop_front()?;
        if item.is_err() {
            self.close();
        }
        Some(item)
    }

    /// The reply has ended, however it did.
    fn close(&mut self) {
        self.account.estimate(&mut self.tally);
        self.account.close();
    }

    fn advance(&mut self, next: Option<Result<Frame, ProviderError>>) {
        match next {
            Some(Ok(frame)) => {
                self.tally.pass(&frame);
                self.account.saw(frame.usage.clone(), frame.finish);
                let is_last = frame.is_last;
                self.tap(frame);
                if is_last && !self.is_over {
                    self.finish();
                }
            }
            Some(Err(error)) => self.fail(&error),
            None => {
                self.inner = Box::pin(futures_util::stream::empty());
                self.finish();
            }
        }
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Problem>>> {
        loop {
            if let Some(item) = self.next_ready() {
                return Poll::Ready(Some(item));
            }
            if self.is_over {
                self.close();
                // Whoever made the frames may still have something to put away.
                return self.inner.as_mut().poll_next(cx).map(|_| {
                    self.inner = Box::pin(futures_util::stream::empty());
                    None
                });
            }
            if let Some(frame) = self.first.take() {
                self.advance(Some(Ok(frame)));
                continue;
            }
            self.is_reading = true;
            let next = self.inner.as_mut().poll_next(cx);
            self.is_reading = false;
            match next {
                Poll::Ready(next) => self.advance(next),
                Poll::Pending => match self.alarm.as_mut().map(|alarm| alarm.as_mut().poll(cx)) {
                    Some(Poll::Ready(())) => self.due(),
                    _ => return Poll::Pending,
                },
            }
        }
    }
}

/// What is polled stands behind a pointer of its own.
impl<S: Surface> Unpin for Watched<S> {}

impl<S: Surface> Stream for Watched<S> {
    type Item = Result<Frame, Problem>;

    /// A tap or a decoder that panics ends the reply as any other failure does: with words for the
    /// client, and a record that tells.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        catch_unwind(AssertUnwindSafe(|| this.poll_item(cx))).unwrap_or_else(|_| {
            if this.is_reading {
                this.account.break_off(&ProviderError::new(ErrorKind::Malformed));
            }
            let problem = this.account.panicked();
            this.ready.clear();
            this.end(problem);
            Poll::Ready(this.next_ready())
        })
    }
}

impl<S: Surface> Passage for Watched<S> {
    fn refuse(mut self: Pin<&mut Self>, problem: Problem) -> Problem {
        let problem = self.account.end(Outcome::Failed, problem);
        self.close();
        problem
    }
}

/// Whoever reads the reply may leave it.
impl<S: Surface> Drop for Watched<S> {
    fn drop(&mut self) {
        self.close();
    }
}
