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
use crate::{meter::Meter, script::now};

/// Connections that are opened at the same time: fewer than any queue of a listener holds.
const OPENING: usize = 64;

/// How often requests are sent, and over how many connections at most.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests a second.
    pub rate: u32,
    /// Connections.
    pub connections: usize,
}

struct Slots {
    next: AtomicU64,
    begun: Instant,
    between: Duration,
    /// The first that counts; those before it warm up.
    first: u64,
    end: u64,
}

impl Slots {
    fn new(rate: u32, (warm, window): (Duration, Duration)) -> Self {
        let slots = |time: Duration| {
            let millis: u64 = time.as_millis().try_into().unwrap_or(u64::MAX);
            u64::from(rate).saturating_mul(millis) / 1000
        };
        let first = slots(warm);
        Self {
            next: AtomicU64::new(0),
            begun: Instant::now(),
            between: Duration::from_secs(1) / rate,
            first,
            end: first + slots(window),
        }
    }

    fn due(&self, slot: u64) -> Instant {
        self.begun + self.between * u32::try_from(slot).unwrap_or(u32::MAX)
    }
}

/// Sends requests at a rate: warms up, lets `meter` measure for a window, and says what was seen in
/// it. Latencies are less what the upstream waited; those of streams are the time to the first event.
pub async fn open(
    goal: &Goal,
    request: &Prepared,
    pace: Pace,
    times: (Duration, Duration),
    meter: &mut Meter,
) -> Result<Observed, String> {
    let request = Arc::new(request.clone());
    let connections = warm(goal, &request, pace.connections).await?;
    let slots = Arc::new(Slots::new(pace.rate, times));
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(work(connection, Arc::clone(&request), Arc::clone(&slots)));
    }
    sleep_until(slots.due(slots.first)).await;
    meter.start();
    let (mut observed, mut open) = (Observed::default(), Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (connection, latencies, events) = done.map_err(|error| error.to_string())??;
        // It stays open until all have ended: what a system does to close it is not measured.
        open.push(connection);
        observed.requests += latencies.len() as u64;
        observed.events += events;
        observed.latencies.extend(latencies);
    }
    meter.stop();
    Ok(observed)
}

/// Connections on each of which a request was answered already.
async fn warm(
    goal: &Goal,
    request: &Arc<Prepared>,
    count: usize,
) -> Result<Vec<Connection>, String> {
    let (mut opening, mut connections) = (JoinSet::new(), Vec::with_capacity(count));
    let mut begun = 0;
    while connections.len() < count {
        while begun < count && opening.len() < OPENING {
            let (address, request) = (goal.address, Arc::clone(request));
            opening.spawn(async move {
                let mut connection = Connection::open(address).await?;
                request.send(&mut connection, |_, _| ()).await?;
                Ok::<_, String>(connection)
            });
            begun += 1;
        }
        let opened = opening.join_next().await.ok_or("no connection is being opened")?;
        connections.push(opened.map_err(|error| error.to_string())??);
    }
    Ok(connections)
}

async fn work(
    mut connection: Connection,
    request: Arc<Prepared>,
    slots: Arc<Slots>,
) -> Result<(Connection, Vec<u32>, u64), String> {
    let (mut latencies, mut events) = (Vec::new(), 0);
    loop {
        let slot = slots.next.fetch_add(1, Relaxed);
        if slot >= slots.end {
            return Ok((connection, latencies, events));
        }
        let due = slots.due(slot);
        // The wait for a connection counts; the driver's own timer does not.
        let late = Instant::now().saturating_duration_since(due);
        sleep_until(due).await;
        let (sent, sent_at) = (Instant::now(), now());
        let seen = request.send(&mut connection, |_, _| ()).await?;
        let took = match seen.first_at {
            0 => sent.elapsed(),
            first => Duration::from_nanos(first.saturating_sub(sent_at)),
        };
        if slot >= slots.first {
            let own = (took + late).saturating_sub(Duration::from_micros(seen.waited));
            latencies.push(micros(own));
            events += seen.events as u64;
        }
    }
}
