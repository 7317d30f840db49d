//! The open loop: a fixed rate, whatever the replies do.
//!
//! A request has a slot in which it is meant to be sent. If no connection is free then, the wait
//! counts as latency (no coordinated omission); if the driver's own timer wakes it late, it does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{Connection, Goal, Observed, Prepared, closed::micros};
use crate::{machine::Meter, script::now};

/// Connections for the rate: far more than are busy at once while the system keeps up.
const CONNECTIONS: usize = 64;

struct Slots {
    next: AtomicU64,
    begun: Instant,
    between: Duration,
    count: u64,
}

/// Sends `rate` requests a second for a window. Latencies are less what the upstream waited; those
/// of streams are the time to the first event.
pub async fn open(
    goal: &Goal,
    request: &Prepared,
    rate: u32,
    window: Duration,
    meter: &mut Meter,
) -> Result<Observed, String> {
    let request = Arc::new(request.clone());
    let connections = warm(goal, &request).await?;
    let between = Duration::from_secs(1) / rate;
    let millis: u64 = window.as_millis().try_into().unwrap_or(u64::MAX);
    let count = u64::from(rate).saturating_mul(millis) / 1000;
    let slots = Arc::new(Slots { next: AtomicU64::new(0), begun: Instant::now(), between, count });
    let mut tasks = JoinSet::new();
    meter.start();
    for connection in connections {
        tasks.spawn(work(connection, Arc::clone(&request), Arc::clone(&slots)));
    }
    let mut observed = Observed::default();
    while let Some(done) = tasks.join_next().await {
        let (latencies, events) = done.map_err(|error| error.to_string())??;
        observed.requests += latencies.len() as u64;
        observed.events += events;
        observed.latencies.extend(latencies);
    }
    meter.stop();
    Ok(observed)
}

/// Connections on each of which a request was answered already.
async fn warm(goal: &Goal, request: &Arc<Prepared>) -> Result<Vec<Connection>, String> {
    let mut opening = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (address, request) = (goal.address, Arc::clone(request));
        opening.spawn(async move {
            let mut connection = Connection::open(address).await?;
            request.send(&mut connection, |_, _| ()).await?;
            Ok::<_, String>(connection)
        });
    }
    let mut connections = Vec::with_capacity(CONNECTIONS);
    while let Some(opened) = opening.join_next().await {
        connections.push(opened.map_err(|error| error.to_string())??);
    }
    Ok(connections)
}

async fn work(
    mut connection: Connection,
    request: Arc<Prepared>,
    slots: Arc<Slots>,
) -> Result<(Vec<u32>, u64), String> {
    let (mut latencies, mut events) = (Vec::new(), 0);
    loop {
        let slot = slots.next.fetch_add(1, Relaxed);
        if slot >= slots.count {
            return Ok((latencies, events));
        }
        let due = slots.begun + slots.between * u32::try_from(slot).unwrap_or(u32::MAX);
        // The wait for a connection counts; the driver's own timer does not.
        let late = Instant::now().saturating_duration_since(due);
        sleep_until(due).await;
        let (sent, sent_at) = (Instant::now(), now());
        let seen = request.send(&mut connection, |_, _| ()).await?;
        let took = match seen.first_at {
            0 => sent.elapsed(),
            first => Duration::from_nanos(first.saturating_sub(sent_at)),
        };
        let own = (took + late).saturating_sub(Duration::from_micros(seen.waited));
        latencies.push(micros(own));
        events += seen.events as u64;
    }
}
