//! Clients that leave: how long it takes until the upstream has seen it.

use std::{net::SocketAddr, time::Duration};

use tokio::time::{sleep, timeout};

use super::{Connection, Goal, Prepared, closed::micros};
use crate::{script::now, upstream::Departures};

/// An upstream that has heard of nothing after this long will never hear of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets clients leave one after the other, each while it is being answered or waits for it; how
/// many microseconds passed each time until the upstream had seen it.
pub async fn leave(
    goal: &Goal,
    request: &Prepared,
    times: usize,
    upstream: SocketAddr,
) -> Result<Vec<u32>, String> {
    let mut upstream = Connection::open(upstream).await?;
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let before = Departures::ask(&mut upstream).await?;
        let mut connection = Connection::open(goal.address).await?;
        request.start(&mut connection).await?;
        let came = |now: &Departures| now.arrived > before.arrived;
        until(&mut upstream, came, "the request did not reach the upstream").await?;
        let left = now();
        drop(connection);
        let gone = |now: &Departures| now.left > before.left;
        let seen = until(&mut upstream, gone, "the upstream is not told that the client left");
        let nanos = seen.await?.last.saturating_sub(left);
        took.push(micros(Duration::from_nanos(nanos)));
    }
    Ok(took)
}

async fn until(
    upstream: &mut Connection,
    is_so: impl Fn(&Departures) -> bool,
    otherwise: &str,
) -> Result<Departures, String> {
    let asking = async {
        loop {
            let seen = Departures::ask(upstream).await?;
            if is_so(&seen) {
                return Ok(seen);
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    let seen = timeout(PATIENCE, asking).await;
    seen.unwrap_or_else(|_| Err(format!("{otherwise} within {PATIENCE:?}")))
}
