//! What the operating system says to the process.

use std::io;

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
