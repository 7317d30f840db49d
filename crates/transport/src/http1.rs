//! One HTTP/1.1 connection, driven inside the task of the request that holds it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Builder, Connection, SendRequest},
    },
};
use tokio::time::Instant;

use crate::{alarm::Alarm, dial::Socket, outbound::Outbound, signal::Signal};

/// The longest head that is read, and the longest trailers. hyper reads at most 100 headers.
pub(crate) const MAX_HEAD: u32 = 64 << 10;
/// How often a connection is driven in a row because something moves. Whoever calls itself all the
/// time is called by the runtime, like everybody.
const ROUNDS: usize = 4;

/// A connection and its driver. Whoever holds it polls it; dropping it closes the socket.
pub(crate) struct Link {
    sender: SendRequest<Outbound>,
    /// Gone once the connection has ended. A request that it had not yet taken comes back then.
    driver: Option<Connection<Socket, Outbound>>,
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
    Broken(Box<TrySendError<Request<Outbound>>>),
}

impl From<TrySendError<Request<Outbound>>> for Unanswered {
    fn from(error: TrySendError<Request<Outbound>>) -> Self {
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

    /// Sends a request and drives the connection until the head of the answer is there, or `due` has
    /// come.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the link unusable: drop it too.
    pub(crate) async fn ask(
        &mut self,
        request: Request<Outbound>,
        due: Instant,
    ) -> Result<Response<Incoming>, Unanswered> {
        // Sending calls the connection, which is not to wake whoever had it before.
        poll_fn(|cx| {
            self.signal.enter(cx);
            Poll::Ready(())
        })
        .await;
        let mut response = pin!(self.sender.try_send_request(request));
        self.next = Next::Drive;
        let Self { driver, signal, alarm, next, .. } = self;
        let mut drive = Drive { driver, signal, alarm, next };
        let answer = poll_fn(|cx| {
            drive.poll_until(cx, |alarm, cx| {
                if let Poll::Ready(answer) = response.as_mut().poll(cx) {
                    return Poll::Ready(answer.map_err(Unanswered::from));
                }
                alarm.poll_due(due, cx).map(|()| Err(Unanswered::Late))
            })
        })
        .await;
        self.next = Next::Look; // a body often comes with its head
        answer
    }

    /// Drives the connection until `what` it carries is ready. `Pending` means that the connection
    /// has nothing, and that the task is woken when it has.
    pub(crate) fn poll_until<T>(
        &mut self,
        cx: &mut Context<'_>,
        what: impl FnMut(&mut Alarm, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let Self { driver, signal, alarm, next, .. } = self;
        Drive { driver, signal, alarm, next }.poll_until(cx, what)
    }

    /// Lets go of an exchange that was read to its end. Returns whether the next may begin.
    pub(crate) fn rest(&mut self) -> bool {
        drive(&mut self.driver, &mut self.signal.context());
        self.signal.rest();
        self.driver.is_some() && self.sender.is_ready()
    }
}

/// What a connection is driven by.
struct Drive<'a> {
    driver: &'a mut Option<Connection<Socket, Outbound>>,
    signal: &'a mut Signal,
    alarm: &'a mut Alarm,
    next: &'a mut Next,
}

impl Drive<'_> {
    fn poll_until<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut what: impl FnMut(&mut Alarm, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.signal.enter(cx);
        let signal = &*self.signal;
        let mut inner = signal.context();
        for _ in 0..ROUNDS {
            if *self.next == Next::Wait {
                // Whatever rings before this line is seen behind it, and whatever rings later wakes.
                signal.leave();
                if !signal.has_rung() {
                    return Poll::Pending;
                }
                signal.stay();
            }
            let has_looked = *self.next == Next::Look;
            if !has_looked {
                signal.take_ring();
                drive(self.driver, &mut inner);
            }
            if let Poll::Ready(what) = what(self.alarm, &mut inner) {
                *self.next = Next::Drive;
                return Poll::Ready(what);
            }
            *self.next = if has_looked { Next::Drive } else { Next::Wait };
        }
        signal.leave();
        if signal.has_rung() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

fn drive(driver: &mut Option<Connection<Socket, Outbound>>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}
