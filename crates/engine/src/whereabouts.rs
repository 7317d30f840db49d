//! Where what upstreams keep lives: remembered for a while, in memory.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ferro_core::{Home, Kept, Problem, Subject, Surface, TargetId, Thing, Whereabouts, excerpt};
use foldhash::fast::RandomState;
use http::StatusCode;
use tokio::time::Instant;

use crate::{Engine, Opened, Target};

/// So much is remembered, about. What was made first is forgotten first.
const MOST: usize = 1 << 16;
/// As long as it is remembered: upstreams keep a response for thirty days.
const SPAN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Who is asked for what nobody remembers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Homes {
    /// For responses and conversations (`responses_target`).
    pub responses: Option<TargetId>,
    /// For files and batches, and whatever else is kept (`batch_target`).
    pub batches: Option<TargetId>,
}

impl Homes {
    /// Who is asked for a kind of thing, and the setting that says so.
    fn of(&self, kind: Kept) -> (Option<&TargetId>, &'static str) {
        match kind {
            Kept::Response | Kept::Conversation => (self.responses.as_ref(), "responses_target"),
            _ => (self.batches.as_ref(), "batch_target"),
        }
    }
}

/// Remembers in memory, so much and so long.
///
/// What is remembered is spread by what it is: requests that name different things wait for one another
/// hardly ever, and for no longer than a look takes.
pub struct Memory {
    parts: [Mutex<Remembered>; PARTS],
    spread: RandomState,
}

/// Into so many parts the memory is divided, each with its lock.
const PARTS: usize = 64;
/// So much is remembered by each.
const MOST_OF_PART: usize = MOST / PARTS;

#[derive(Debug, Default)]
struct Remembered {
    homes: HashMap<Thing, (Home, Instant)>,
    /// In the order in which they were made. Invariant: everything that is remembered is in it once.
    order: VecDeque<Thing>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Mutex::default()), spread: RandomState::default() }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// The part that a thing is remembered in.
    fn part(&self, thing: &Thing) -> &Mutex<Remembered> {
        let hash = self.spread.hash_one(thing);
        &self.parts[usize::try_from(hash % PARTS as u64).unwrap_or_default()]
    }

    fn lock(&self, thing: &Thing) -> MutexGuard<'_, Remembered> {
        self.part(thing).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Whereabouts for Memory {
    fn find(&self, thing: &Thing) -> Option<Home> {
        let remembered = self.lock(thing);
        let (home, made) = remembered.homes.get(thing)?;
        (made.elapsed() < SPAN).then(|| home.clone())
    }

    fn note(&self, thing: Thing, home: Home) {
        let mut remembered = self.lock(&thing);
        match remembered.homes.get_mut(&thing) {
            // What is somebody's stays his, whoever is told of it later.
            Some((known, _)) if known.owner != home.owner => {}
            Some(known) => *known = (home, Instant::now()),
            None => {
                remembered.homes.insert(thing.clone(), (home, Instant::now()));
                remembered.order.push_back(thing);
            }
        }
        while remembered.order.len() > MOST_OF_PART {
            if let Some(first) = remembered.order.pop_front() {
                remembered.homes.remove(&first);
            }
        }
    }
}

impl<S: Surface> Opened<S> {
    /// Where the request has to go because of what it names, or because its client says so; `None` where
    /// it may go anywhere.
    ///
    /// # Errors
    ///
    /// What it names is somebody else's, or nobody is to be asked for what nobody remembers.
    pub(crate) fn home(&self, engine: &Engine) -> Result<Option<Home>, Problem> {
        let thing = self.request.names();
        let known = thing.as_ref().and_then(|thing| engine.parts.whereabouts.find(thing));
        if let (Some(thing), Some(home)) = (&thing, known) {
            let is_own = home.owner == self.caller.principal.key;
            return if is_own { Ok(Some(home)) } else { Err(thing.unknown()) };
        }
        let at = |target: &TargetId| Home { owner: None, target: target.clone(), key: None };
        if let Some(name) = self.request.asks() {
            let mut targets = engine.parts.targets.iter().map(|target| target.id());
            let meant = targets.find(|id| ***id == *name).ok_or_else(|| no_provider(name))?;
            return Ok(Some(at(meant)));
        }
        let usual = thing.as_ref().and_then(|thing| engine.usual_home(thing.kind));
        if let (Some(target), Some(thing)) = (usual, &thing)
            && !engine.keeps(target, thing.kind)
        {
            return Err(not_supported(target, Some(thing)));
        }
        // One who names a model can be answered without it, and hears from whoever is asked.
        if usual.is_some() || !self.request.model().is_empty() {
            return Ok(usual.map(at));
        }
        Err(thing.as_ref().map_or_else(not_resolved, |thing| {
            not_configured(thing, engine.parts.homes.of(thing.kind).1)
        }))
    }

    /// Remembers what was made for the request, and where.
    pub(crate) fn keep(&self, made: &Thing) {
        let Some(target) = self.account.record.target.clone() else { return };
        let (owner, key) = (self.caller.principal.key.clone(), self.account.key());
        let home = Home { owner, target, key };
        self.account.engine.parts.whereabouts.note(made.clone(), home);
    }
}

impl Engine {
    /// Who is asked for what nobody remembers: the target that is named for it; for what those keep who
    /// serve messages, the first of them, unless the one that is named is one.
    fn usual_home(&self, kind: Kept) -> Option<&TargetId> {
        let named = self.parts.homes.of(kind).0;
        if !kind.is_of_messages() {
            return named;
        }
        let keeps = |target: &&Arc<Target>| {
            let provider = &target.parts().provider;
            provider.forward().is_some() && provider.keeps(kind)
        };
        let mut keeping = self.parts.targets.iter().filter(keeps).map(|target| target.id());
        let first = keeping.clone().next();
        keeping.find(|id| Some(*id) == named).or(first)
    }

    /// Whether a target keeps things of this kind.
    fn keeps(&self, target: &TargetId, kind: Kept) -> bool {
        let found = self.parts.targets.iter().find(|known| known.id() == target);
        found.is_some_and(|target| target.parts().provider.keeps(kind))
    }
}

fn not_configured(thing: &Thing, setting: &'static str) -> Problem {
    let code = match thing.kind {
        Kept::Response | Kept::Conversation => "responses_not_configured",
        Kept::File | Kept::Batch => "batch_not_configured",
        // Those were passed on without a word about their home before they had one.
        _ => return not_resolved(),
    };
    let what = match &*thing.id {
        "" => "no target is named for what is not known".to_owned(),
        id => format!("nobody remembers the {} `{id}`", thing.kind.as_str()),
    };
    let message = format!("{what}: set `{setting}`, or name a target in `x-provider`");
    Problem::new(StatusCode::NOT_IMPLEMENTED, REQUEST, code, message)
}

const REQUEST: &str = "invalid_request_error";

fn no_provider(name: &str) -> Problem {
    let message = format!("there is no target `{}`", excerpt(name));
    Problem::new(StatusCode::NOT_FOUND, REQUEST, "provider_not_found", message)
}

fn not_resolved() -> Problem {
    let message = "nobody can tell whom to ask: name a model in a JSON body, or a target in \
                   `x-provider`";
    Problem::new(StatusCode::BAD_REQUEST, REQUEST, "provider_not_resolved", message)
}

/// The target that has to be asked has nothing like what is asked for.
pub(crate) fn not_supported(target: &TargetId, thing: Option<&Thing>) -> Problem {
    let code = match thing.map(|thing| thing.kind) {
        Some(Kept::File | Kept::Batch) => "batch_not_supported",
        Some(Kept::Response | Kept::Conversation) => "responses_not_supported",
        _ => "proxy_not_supported",
    };
    let message = format!("target `{target}` does not serve this: its wire is another");
    Problem::new(StatusCode::NOT_IMPLEMENTED, REQUEST, code, message)
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
        assert_eq!(memory.lock(&thing("again")).order.len(), 1);
        for index in 0..2 * MOST {
            memory.note(thing(&index.to_string()), home("one"));
        }
        let lengths = memory.parts.iter().map(|part| {
            let part = part.lock().unwrap();
            assert_eq!(part.order.len(), part.homes.len());
            part.order.len()
        });
        assert_eq!(lengths.sum::<usize>(), MOST);
        assert_eq!(memory.find(&thing("again")), None);
        let last = thing(&(2 * MOST - 1).to_string());
        assert_eq!(memory.find(&last), Some(home("one")));
    }

    #[tokio::test]
    async fn who_looks_for_one_thing_does_not_wait_for_who_looks_for_another() {
        let memory = Memory::default();
        let all: Vec<_> = (0..1_000).map(|index| thing(&index.to_string())).collect();
        all.iter().for_each(|thing| memory.note(thing.clone(), home("one")));
        let looking = memory.lock(&all[0]);
        let free = all.iter().filter(|thing| memory.part(thing).try_lock().is_ok());
        assert!(free.count() > 900, "nearly all are elsewhere");
        assert!(memory.part(&all[0]).try_lock().is_err());
        drop(looking);
    }
}
