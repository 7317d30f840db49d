//! Station 6: taps see the reply pass, and the account learns how it ends.

use std::{
    collections::VecDeque,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ferro_core::{
    Delta, Flow, Frame, Frames, Outcome, Problem, Stage, Surface, SurfaceKind, TapSession, Whole,
};
use futures_util::Stream;
use http::StatusCode;
use tokio::time::Instant;

use crate::{Caller, account::Account, admit::context};

/// A streamed reply on its way to the client. An `Err` is the last item.
pub type Events = Pin<Box<dyn Stream<Item = Result<Frame, Problem>> + Send>>;

/// Watches a stream.
pub(crate) fn frames<S: Surface>(
    account: Account,
    caller: &Caller,
    first: Option<Frame>,
    inner: Frames,
) -> Events {
    let taps = open(&account, caller, S::KIND);
    let (ready, held, is_over) = (VecDeque::new(), Vec::new(), false);
    Box::pin(Watched::<S> {
        account,
        first,
        inner,
        taps,
        held,
        ready,
        is_over,
        surface: PhantomData,
    })
}

/// A stream of nothing but a problem.
pub(crate) fn problem(problem: Problem) -> Events {
    Box::pin(futures_util::stream::iter([Err(problem)]))
}

/// Shows a reply in one piece to the taps.
pub(crate) fn whole(
    account: &mut Account,
    caller: &Caller,
    surface: SurfaceKind,
    whole: &mut impl Whole,
) -> Result<(), Problem> {
    let mut taps = open(account, caller, surface);
    if let (false, Some(delta)) = (taps.is_empty(), whole.as_delta()) {
        for tap in &mut taps {
            let flow = tap.session.event(delta, Instant::now());
            if let Flow::Cut { reason } =
                if matches!(flow, Flow::Hold { .. }) { tap.session.end() } else { flow }
            {
                return Err(cut(account, &tap.plugin, &reason));
            }
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
    first: Option<Frame>,
    inner: Frames,
    taps: Vec<Session>,
    /// Events that a tap holds back; they pass with the first event that every tap lets pass.
    held: Vec<u8>,
    ready: VecDeque<Result<Frame, Problem>>,
    is_over: bool,
    surface: PhantomData<fn() -> S>,
}

impl<S: Surface> Watched<S> {
    /// Cuts a frame into events and shows each to the taps. Without taps, frames pass whole.
    fn tap(&mut self, frame: Frame) {
        if self.taps.is_empty() {
            self.ready.push_back(Ok(frame));
            return;
        }
        let (mut rest, mut passed) = (frame.bytes.clone(), Vec::with_capacity(frame.bytes.len()));
        while let length @ 1.. = S::FRAMING.first(&rest) {
            let raw = rest.split_to(length);
            let Ok(mut event) = S::Event::read(raw.clone()) else {
                passed.extend_from_slice(&raw);
                continue;
            };
            let mut is_held = false;
            for tap in &mut self.taps {
                match tap.session.event(&mut event, Instant::now()) {
                    Flow::Pass => {}
                    Flow::Hold { .. } => is_held = true,
                    Flow::Cut { reason } => {
                        self.is_over = true;
                        let problem = cut(&mut self.account, &tap.plugin, &reason);
                        self.ready.push_back(Ok(Frame::new(passed)));
                        self.ready.push_back(Err(problem));
                        return;
                    }
                }
            }
            self.held.extend_from_slice(&event.write());
            if !is_held {
                passed.append(&mut self.held);
            }
        }
        let mut shown = Frame::new(passed);
        (shown.usage, shown.finish) = (frame.usage, frame.finish);
        self.ready.push_back(Ok(shown));
    }

    fn finish(&mut self) {
        self.is_over = true;
        for tap in &mut self.taps {
            if let Flow::Cut { reason } = tap.session.end() {
                let problem = cut(&mut self.account, &tap.plugin, &reason);
                self.ready.push_back(Err(problem));
                return;
            }
        }
        if !self.held.is_empty() {
            self.ready.push_back(Ok(Frame::new(std::mem::take(&mut self.held))));
        }
        self.account.serve();
    }
}

impl<S: Surface> Stream for Watched<S> {
    type Item = Result<Frame, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(item) = this.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if this.is_over {
                return Poll::Ready(None);
            }
            let next = match this.first.take() {
                Some(frame) => Some(Ok(frame)),
                None => ready!(this.inner.as_mut().poll_next(cx)),
            };
            match next {
                Some(Ok(frame)) => {
                    this.account.saw(frame.usage, frame.finish);
                    this.tap(frame);
                }
                Some(Err(error)) => {
                    this.is_over = true;
                    let target = this.account.record.target.clone();
                    let problem = Problem::from_upstream(&error, target.as_ref());
                    if let Some(attempt) = this.account.record.attempts.last_mut() {
                        attempt.error = Some(error.kind());
                    }
                    let problem = this.account.end(Outcome::Failed, problem);
                    this.ready.push_back(Err(problem));
                }
                None => this.finish(),
            }
        }
    }
}
