//! What the upstream saw of its clients: how many requests came, and who left before the answer.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::{driver::Connection, script::now};

/// The upstream's own count.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    arrived: AtomicU64,
    left: AtomicU64,
    last: AtomicU64,
}

impl Ledger {
    pub(super) fn arrive(&self) {
        self.arrived.fetch_add(1, Relaxed);
    }

    pub(super) fn leave(&self) {
        self.last.store(now(), Relaxed);
        self.left.fetch_add(1, Relaxed);
    }

    /// An answer that says it.
    pub(super) fn told(&self) -> String {
        let [arrived, left, last] =
            [&self.arrived, &self.left, &self.last].map(|count| count.load(Relaxed));
        let body = format!("{arrived} {left} {last}");
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }
}

/// What the upstream says of it.
#[derive(Clone, Copy, Debug)]
pub struct Departures {
    /// Requests that came so far.
    pub arrived: u64,
    /// Clients that were seen to leave before they had their whole answer.
    pub left: u64,
    /// When the last of them was seen to, in nanoseconds on the machine's clock.
    pub last: u64,
}

impl Departures {
    /// Asks an upstream.
    pub async fn ask(upstream: &mut Connection) -> Result<Self, String> {
        let mut text = Vec::new();
        let request = b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n";
        let see = |data: &[u8]| {
            text.extend_from_slice(data);
            true
        };
        upstream.exchange(request, see).await?;
        let text = String::from_utf8_lossy(&text);
        let numbers: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
        match numbers[..] {
            [arrived, left, last] => Ok(Self { arrived, left, last }),
            _ => Err(format!("the upstream said `{text}`")),
        }
    }
}
