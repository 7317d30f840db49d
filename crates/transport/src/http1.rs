//! One HTTP/1.1 connection, driven inside the task of the request that holds it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Context,
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Builder, Connection, SendRequest},
    },
};

use crate::{dial::Socket, outbound::Outbound};

/// The longest head that is read, and the longest trailers. hyper reads at most 100 headers.
pub(crate) const MAX_HEAD: u32 = 64 << 10;

/// A connection and its driver. Whoever holds it polls it; dropping it closes the socket.
pub(crate) struct Link {
    sender: SendRequest<Outbound>,
    /// Gone once the connection has ended. A request that it had not yet taken comes back then.
    driver: Option<Connection<Socket, Outbound>>,
}

impl Link {
    pub(crate) async fn open(socket: Socket) -> hyper::Result<Box<Self>> {
        let (sender, driver) =
            Builder::new().max_header_size(MAX_HEAD as usize).handshake(socket).await?;
        Ok(Box::new(Self { sender, driver: Some(driver) }))
    }

    /// Sends a request and drives the connection until the head of the answer is there.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the link unusable: drop it too.
    pub(crate) async fn ask(
        &mut self,
        request: Request<Outbound>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Outbound>>> {
        let Self { sender, driver } = self;
        let mut response = pin!(sender.try_send_request(request));
        poll_fn(|cx| {
            drive(driver, cx);
            response.as_mut().poll(cx)
        })
        .await
    }

    /// Lets the connection work.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.driver, cx);
    }

    /// Whether the connection still stands.
    pub(crate) fn is_alive(&self) -> bool {
        self.driver.is_some()
    }

    /// Whether the last exchange is over on both sides, so that the next may begin.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_alive() && self.sender.is_ready()
    }
}

fn drive(driver: &mut Option<Connection<Socket, Outbound>>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}
