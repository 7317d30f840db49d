//! Streams that are opened and then held, so that the memory of each can be seen.

use super::{Connection, Goal, Prepared};
use crate::scenario::HELD;

/// Open streams. Dropping them closes them.
pub struct Held(Vec<Connection>);

impl Held {
    /// Opens so many streams; each has delivered its first event.
    pub async fn open(goal: &Goal, count: usize) -> Result<Self, String> {
        let request = Prepared::new(goal, HELD, 400);
        let mut held = Vec::with_capacity(count);
        for _ in 0..count {
            let mut connection = Connection::open(goal.address).await?;
            request.begin(&mut connection).await?;
            held.push(connection);
        }
        Ok(Self(held))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
