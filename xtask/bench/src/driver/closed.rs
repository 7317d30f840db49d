//! The closed loop: so many connections, each sending its next request when the reply is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Connection, Goal, Observed, Prepared};
use crate::meter::Meter;

/// Before it, connections warm up.
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// What all connections share.
#[derive(Debug, Default)]
struct Shared {
    phase: AtomicU8,
    /// Connections on which a first request was answered.
    ready: AtomicU64,
    requests: AtomicU64,
    events: AtomicU64,
}

/// Runs a closed loop: warms up, lets `meter` measure for a window, and says what was seen in it.
/// Latencies are whole: what the upstream waited is part of them.
pub async fn closed(
    goal: &Goal,
    request: &Prepared,
    connections: usize,
    (warm, window): (Duration, Duration),
    meter: &mut Meter,
) -> Result<Observed, String> {
    let (shared, request) = (Arc::new(Shared::default()), Arc::new(request.clone()));
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let connection = Connection::open(goal.address).await?;
        tasks.spawn(work(connection, Arc::clone(&request), Arc::clone(&shared)));
    }
    let mut observed = Observed::default();
    let measuring = async {
        while shared.ready.load(Relaxed) < connections as u64 {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(warm).await;
        let before = (shared.requests.load(Relaxed), shared.events.load(Relaxed));
        shared.phase.store(MEASURING, Relaxed);
        meter.start();
        sleep(window).await;
        meter.stop();
        shared.phase.store(OVER, Relaxed);
        let after = (shared.requests.load(Relaxed), shared.events.load(Relaxed));
        (after.0 - before.0, after.1 - before.1)
    };
    let failing = async {
        // Nobody returns before the window is over, unless something is wrong.
        match tasks.join_next().await {
            Some(Ok(Err(error))) => error,
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        // What is dropped with the other arm is not needed any more: a run that failed has no
        // figures.
        counted = measuring => (observed.requests, observed.events) = counted,
        error = failing => return Err(error),
    }
    while let Some(done) = tasks.join_next().await {
        let (latencies, delays) = done.map_err(|error| error.to_string())??;
        observed.latencies.extend(latencies);
        observed.delays.extend(delays);
    }
    Ok(observed)
}

type Times = (Vec<u32>, Vec<u32>);

async fn work(
    mut connection: Connection,
    request: Arc<Prepared>,
    shared: Arc<Shared>,
) -> Result<Times, String> {
    let (mut latencies, mut delays) = (Vec::new(), Vec::new());
    let mut is_first = true;
    while shared.phase.load(Relaxed) != OVER {
        let begun = Instant::now();
        let each = |events: usize, delay: Option<u64>| {
            shared.events.fetch_add(events as u64, Relaxed);
            if shared.phase.load(Relaxed) == MEASURING {
                delays.extend(delay.map(|delay| micros(Duration::from_nanos(delay))));
            }
        };
        request.send(&mut connection, each).await?;
        shared.requests.fetch_add(1, Relaxed);
        if shared.phase.load(Relaxed) == MEASURING {
            latencies.push(micros(begun.elapsed()));
        }
        if is_first {
            shared.ready.fetch_add(1, Relaxed);
            is_first = false;
        }
    }
    Ok((latencies, delays))
}

pub(crate) fn micros(time: Duration) -> u32 {
    time.as_micros().try_into().unwrap_or(u32::MAX)
}
