//! One connection: reads requests, performs scripts, and notices when the peer leaves.

use std::io;

use bytes::BytesMut;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{
    Received, Reply, Script, Side,
    request::fill,
    script::{End, Step},
};

/// A connection. What arrives while a script is performed is kept for the next request.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
    connection: usize,
}

/// The peer left.
struct Gone;

impl From<io::Error> for Gone {
    /// Whatever breaks a connection here, the peer is not listening any more.
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, connection: usize) -> io::Result<Self> {
        // A write is a segment, so that what is written in pieces arrives in pieces.
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::with_capacity(8 << 10), connection })
    }

    /// Answers requests until one side ends it; which one did.
    pub(crate) async fn converse(mut self, mut answer: impl FnMut(Received) -> Script) -> Side {
        loop {
            let read = Received::read(&mut self.stream, &mut self.buffer, self.connection).await;
            let request = match read {
                Ok(Some(request)) => request,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return self.refuse(&error).await;
                }
                _ => return Side::Peer,
            };
            let is_last = request.says("connection", "close");
            let script = answer(request);
            if self.perform(&script).await.is_err() {
                return Side::Peer;
            }
            match script.end {
                End::Open if !is_last => {}
                End::Open | End::Close => {
                    // An end that the peer does not hear any more is an end all the same.
                    drop(self.stream.shutdown().await);
                    return Side::Upstream;
                }
                End::Reset => {
                    drop(self.stream.set_zero_linger());
                    return Side::Upstream;
                }
            }
        }
    }

    /// What is not HTTP is no request: nobody is asked for a script.
    async fn refuse(&mut self, why: &io::Error) -> Side {
        let script = Script::from(Reply::new(400, "text/plain", format!("{why}\n")));
        drop(self.perform(&script).await);
        drop(self.stream.shutdown().await);
        Side::Upstream
    }

    async fn perform(&mut self, script: &Script) -> Result<(), Gone> {
        for step in &script.steps {
            match step {
                Step::Write { bytes, times } => {
                    for _ in 0..*times {
                        self.stream.write_all(bytes).await?;
                    }
                }
                Step::Pause(time) => {
                    tokio::select! {
                        // Both arms may be dropped: a sleep holds nothing, and what was read is
                        // in the buffer.
                        () = sleep(*time) => {}
                        () = self.gone() => return Err(Gone),
                    }
                }
                Step::Stall => {
                    self.gone().await;
                    return Err(Gone);
                }
            }
        }
        Ok(())
    }

    /// Done when the peer has left. What it sends meanwhile is kept.
    async fn gone(&mut self) {
        while let Ok(1..) = fill(&mut self.stream, &mut self.buffer).await {}
    }
}
