//! Connections that are opened and then held, so that the memory of each can be seen.

use super::{Connection, Goal, Prepared};
use crate::{Wish, scenario::HELD};

/// Open connections. Dropping them closes them.
pub struct Held(Vec<Connection>);

impl Held {
    /// Opens so many streams; each has delivered its first event, and is silent then.
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

    /// Opens so many connections on each of which a request was answered, and nothing is under way.
    pub async fn idle(goal: &Goal, count: usize) -> Result<Self, String> {
        let request = Prepared::new(goal, Wish::SMALL, 400);
        let mut held = Vec::with_capacity(count);
        for _ in 0..count {
            let mut connection = Connection::open(goal.address).await?;
            request.send(&mut connection, |_, _| ()).await?;
            held.push(connection);
        }
        Ok(Self(held))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
