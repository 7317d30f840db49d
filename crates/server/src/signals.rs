//! What the operating system says to the process.

use std::io;

use futures_util::{Stream, StreamExt, stream};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Done when the process is told to stop: by SIGTERM, or from its terminal.
pub async fn told_to_stop() {
    told(1).await;
}

/// Done when the process is told to stop for the second time, by somebody who does not want to wait
/// for what is still under way.
pub async fn told_to_hurry() {
    told(2).await;
}

/// An item each time that the process is told, by SIGHUP, to read its configuration again. Until this is
/// first polled the system's own way holds: the signal ends the process.
///
/// # Cancel safety
///
/// A signal that comes while nobody waits for the next item is the next item.
pub fn told_to_read_again() -> impl Stream<Item = ()> + Send {
    let listening = async {
        let heard = signal(SignalKind::hangup()).ok();
        // Without a handler nothing is ever heard.
        let signals = stream::iter(heard).flat_map(|heard| {
            stream::unfold(heard, async |mut heard| heard.recv().await.map(|()| ((), heard)))
        });
        signals.chain(stream::pending())
    };
    stream::once(listening).flatten()
}

/// Done when the process has been told to stop so many times since this was first asked.
async fn told(times: usize) {
    let Ok((mut terminate, mut interrupt)) = listeners() else {
        // Without a handler the system's own way holds: the signal ends the process.
        return std::future::pending().await;
    };
    for _ in 0..times {
        tokio::select! {
            // Both arms only wait for a signal: nothing is lost with the one that is dropped.
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

fn listeners() -> io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
}
