//! What the operating system says to the process.

use tokio::signal::unix::{SignalKind, signal};

/// Done when the process is told to stop: by SIGTERM, or from its terminal.
pub async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the system's own way holds: the signal ends the process.
        return std::future::pending().await;
    };
    tokio::select! {
        // Both arms only wait for a signal: nothing is lost with the one that is dropped.
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
