//! Where what upstreams keep lives: remembered for a while, in memory.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ferro_core::{Home, Kept, Problem, Subject, Surface, TargetId, Thing, Whereabouts};
use http::StatusCode;
use tokio::time::Instant;

use crate::{Engine, Opened};

/// So much is remembered. What was made first is forgotten first.
const MOST: usize = 1 << 16;
/// As long as it is remembered: upstreams keep a response for thirty days.
const SPAN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Who is asked for what nobody remembers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Homes {
    /// For responses and conversations (`responses_target`).
    pub responses: Option<TargetId>,
    /// For files and batches (`batch_target`).
    pub batches: Option<TargetId>,
}

impl Homes {
    /// Who is asked for a kind of thing, and the setting that says so.
    fn of(&self, kind: Kept) -> (Option<&TargetId>, &'static str) {
        match kind {
            Kept::File | Kept::Batch => (self.batches.as_ref(), "batch_target"),
            _ => (self.responses.as_ref(), "responses_target"),
        }
    }
}

/// Remembers in memory, so much and so long.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    homes: HashMap<Thing, (Home, Instant)>,
    /// In the order in which they were made. Invariant: everything that is remembered is in it once.
    order: VecDeque<Thing>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Whereabouts for Memory {
    fn find(&self, thing: &Thing) -> Option<Home> {
        let remembered = self.lock();
        let (home, made) = remembered.homes.get(thing)?;
        (made.elapsed() < SPAN).then(|| home.clone())
    }

    fn note(&self, thing: Thing, home: Home) {
        let mut remembered = self.lock();
        let known = remembered.homes.insert(thing.clone(), (home, Instant::now()));
        if known.is_none() {
            remembered.order.push_back(thing);
        }
        while remembered.order.len() > MOST {
            if let Some(first) = remembered.order.pop_front() {
                remembered.homes.remove(&first);
            }
        }
    }
}

impl<S: Surface> Opened<S> {
    /// Where the request has to go because of what it names; `None` where it may go anywhere.
    ///
    /// # Errors
    ///
    /// What it names is somebody else's, or nobody is to be asked for what nobody remembers.
    pub(crate) fn home(&self, engine: &Engine) -> Result<Option<Home>, Problem> {
        let Some(thing) = self.request.names() else { return Ok(None) };
        if let Some(home) = engine.parts.whereabouts.find(&thing) {
            let is_own = home.owner == self.caller.principal.key;
            return if is_own { Ok(Some(home)) } else { Err(thing.unknown()) };
        }
        let (usual, setting) = engine.parts.homes.of(thing.kind);
        let usual = usual.map(|target| Home { owner: None, target: target.clone(), key: None });
        // One who names a model can be answered without it, and hears from whoever is asked.
        if usual.is_none() && self.request.model().is_empty() {
            return Err(not_configured(&thing, setting));
        }
        Ok(usual)
    }

    /// Remembers what was made for the request, and where.
    pub(crate) fn keep(&self, made: &Thing) {
        let Some(target) = self.account.record.target.clone() else { return };
        let (owner, key) = (self.caller.principal.key.clone(), self.account.key());
        let home = Home { owner, target, key };
        self.account.engine.parts.whereabouts.note(made.clone(), home);
    }
}

fn not_configured(thing: &Thing, setting: &'static str) -> Problem {
    let kind = thing.kind.as_str();
    let code = match thing.kind {
        Kept::File | Kept::Batch => "batch_not_configured",
        _ => "responses_not_configured",
    };
    let message = format!(
        "nobody remembers the {kind} `{}`, and no target is named for those that are not known: set \
         `{setting}`",
        thing.id
    );
    Problem::new(StatusCode::NOT_IMPLEMENTED, "invalid_request_error", code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(id: &str) -> Thing {
        Thing::new(Kept::Response, id).unwrap()
    }

    fn home(target: &str) -> Home {
        Home { owner: None, target: TargetId::from(target), key: None }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_made_is_remembered_for_a_month() {
        let memory = Memory::default();
        memory.note(thing("a"), home("one"));
        assert_eq!(memory.find(&thing("a")), Some(home("one")));
        let other = Thing::new(Kept::File, "a").unwrap();
        assert_eq!(memory.find(&other), None, "what is called so may be something else");
        tokio::time::advance(SPAN).await;
        assert_eq!(memory.find(&thing("a")), None);
    }

    #[tokio::test]
    async fn memory_has_an_end_and_what_was_made_twice_takes_one_place() {
        let memory = Memory::default();
        for _ in 0..2 {
            memory.note(thing("again"), home("one"));
        }
        assert_eq!(memory.lock().order.len(), 1);
        for index in 0..MOST {
            memory.note(thing(&index.to_string()), home("one"));
        }
        let remembered = memory.lock();
        assert_eq!((remembered.order.len(), remembered.homes.len()), (MOST, MOST));
        assert!(!remembered.homes.contains_key(&thing("again")));
    }
}
