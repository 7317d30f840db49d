//! One HTTP/1.1 connection, driven inside the task of the request that holds it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ferro_core::Payload;
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Builder, Connection, SendRequest},
    },
};
use tokio::time::Instant;

use crate::{alarm::Alarm, dial::Socket, signal::Signal};

/// The longest head that is read, and the longest trailers. hyper reads at most 100 headers.
pub(crate) const MAX_HEAD: u32 = 64 << 10;
/// How often a connection is driven in a row because something moves. Whoever calls itself all the
/// time is called by the runtime, like everybody.
const ROUNDS: usize = 4;

/// A connection and its driver. Whoever holds it polls it; dropping it closes the socket.
pub(crate) struct Link {
    sender: SendRequest<Payload>,
    /// Gone once the connection has ended. A request that it had not yet taken comes back then.
    driver: Option<Connection<Socket, Payload>>,
    signal: Signal,
    /// Goes with the connection from one request to the next.
    alarm: Alarm,
    next: Next,
}

/// What is to be done before there can be something.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Next {
    /// Nothing: it may be there already.
    Look,
    /// What was there was taken, so that the connection may go on.
    Drive,
    /// Nothing happens until the connection calls.
    Wait,
}

/// A request without an answer.
pub(crate) enum Unanswered {
    /// It took too long.
    Late,
    /// The connection ended. It gives the request back if none of it was sent.
    Broken(Box<TrySendError<Request<Payload>>>),
}

impl From<TrySendError<Request<Payload>>> for Unanswered {
    fn from(error: TrySendError<Request<Payload>>) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl Link {
    pub(crate) async fn open(socket: Socket) -> hyper::Result<Box<Self>> {
        let (sender, driver) =
            Builder::new().max_header_size(MAX_HEAD as usize).handshake(socket).await?;
        let (signal, alarm) = (Signal::new(), Alarm::default());
        Ok(Box::new(Self { sender, driver: Some(driver), signal, alarm, next: Next::Drive }))
    }

    /// Passes a request to the connection, which sends it as soon as the answer is polled for with
    /// [`poll_answer`](Self::poll_answer).
    pub(crate) fn send(&mut self, request: Request<Payload>) -> impl Answer + use<> {
        self.next = Next::Drive;
        self.sender.try_send_request(request)
    }

    /// Drives the connection until the head of the answer is there, or `due` has come.
    ///
    /// Whoever gives up before must drop the link.
    pub(crate) fn poll_answer(
        &mut self,
        mut answer: Pin<&mut impl Answer>,
        due: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<Incoming>, Unanswered>> {
        let answer = ready!(self.poll_until(cx, |alarm, cx| {
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer.map_err(Unanswered::from));
            }
            alarm.poll_due(due, cx).map(|()| Err(Unanswered::Late))
        }));
        self.next = Next::Look; // a body often comes with its head
        Poll::Ready(answer)
    }

    /// Drives the connection until `what` it carries is ready. `Pending` means that the connection
    /// has nothing, and that the task is woken when it has.
    pub(crate) fn poll_until<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut what: impl FnMut(&mut Alarm, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.signal.enter(cx);
        let mut inner = self.signal.context();
        for _ in 0..ROUNDS {
            if self.next == Next::Wait {
                // Whatever rings before this line is seen behind it, and whatever rings later wakes.
                self.signal.leave();
                if !self.signal.has_rung() {
                    return Poll::Pending;
                }
                self.signal.stay();
            }
            let has_looked = self.next == Next::Look;
            if !has_looked {
                self.signal.take_ring();
                drive(&mut self.driver, &mut inner);
            }
            if let Poll::Ready(what) = what(&mut self.alarm, &mut inner) {
                self.next = Next::Drive;
                return Poll::Ready(what);
            }
            self.next = if has_looked { Next::Drive } else { Next::Wait };
        }
        self.signal.leave();
        if self.signal.has_rung() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Lets go of an exchange that was read to its end. Returns whether the next may begin.
    ///
    /// A connection that wants its next request has nothing left to do, and is not driven for it.
    pub(crate) fn rest(&mut self) -> bool {
        if !self.sender.is_ready() {
            drive(&mut self.driver, &mut self.signal.context());
        }
        self.signal.rest();
        self.driver.is_some() && self.sender.is_ready()
    }
}

/// What becomes of a request: the head of its answer, or the request itself if it was not sent.
pub(crate) trait Answer:
    Future<Output = Result<Response<Incoming>, TrySendError<Request<Payload>>>> + Send
{
}

impl<T> Answer for T where
    T: Future<Output = Result<Response<Incoming>, TrySendError<Request<Payload>>>> + Send
{
}

fn drive(driver: &mut Option<Connection<Socket, Payload>>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}
