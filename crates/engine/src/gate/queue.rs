//! Who waits at a gate: a line for each key, and the keys take turns.

use std::collections::{BTreeMap, HashMap, VecDeque};

use ferro_core::KeyId;
use tokio::sync::oneshot::Sender;

use super::{GateSettings, Place};

/// Whose line it is; those without a key stand in one.
type Who = Option<KeyId>;

/// The lines.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) settings: GateSettings,
    /// Invariant: none of them is empty.
    lines: HashMap<Who, Line>,
    /// Whose turn is next: the lowest number's. Invariant: every line is named once.
    turns: BTreeMap<u64, Who>,
    next_number: u64,
}

#[derive(Debug)]
struct Line {
    turn: u64,
    /// Their tickets rise.
    waiters: VecDeque<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    giver: Sender<Place>,
}

impl Queue {
    pub(super) fn new(settings: GateSettings) -> Self {
        Self { settings, lines: HashMap::new(), turns: BTreeMap::new(), next_number: 0 }
    }

    /// Stands at the end of its key's line.
    pub(super) fn push(&mut self, key: Option<&KeyId>, giver: Sender<Place>) -> u64 {
        let ticket = self.number();
        let line = self.lines.entry(key.cloned()).or_insert_with_key(|who| {
            self.turns.insert(ticket, who.clone());
            Line { turn: ticket, waiters: VecDeque::new() }
        });
        line.waiters.push_back(Waiter { ticket, giver });
        ticket
    }

    /// The first of the line whose turn it is. The line goes to the end of the round.
    pub(super) fn pop(&mut self) -> Option<Sender<Place>> {
        let next_turn = self.number();
        let (_, who) = self.turns.pop_first()?;
        let line = self.lines.get_mut(&who)?;
        let first = line.waiters.pop_front();
        if line.waiters.is_empty() {
            self.lines.remove(&who);
        } else {
            line.turn = next_turn;
            self.turns.insert(next_turn, who);
        }
        first.map(|waiter| waiter.giver)
    }

    /// Leaves its line; `false` if it does not stand there any more.
    pub(super) fn remove(&mut self, key: Option<&KeyId>, ticket: u64) -> bool {
        let who = key.cloned();
        let Some(line) = self.lines.get_mut(&who) else { return false };
        let Ok(at) = line.waiters.binary_search_by_key(&ticket, |waiter| waiter.ticket) else {
            return false;
        };
        line.waiters.remove(at);
        if line.waiters.is_empty() {
            self.turns.remove(&line.turn);
            self.lines.remove(&who);
        }
        true
    }

    /// Makes room for a key whose line is shorter than another's, by sending the last of the longest
    /// one away: a queue that one key has filled is not closed to the others.
    pub(super) fn push_out_for(&mut self, key: Option<&KeyId>) -> bool {
        let own = self.lines.get(&key.cloned()).map_or(0, |line| line.waiters.len());
        let longest = self.lines.values_mut().max_by_key(|line| line.waiters.len());
        // It has to stay the longer one of the two, or they would push one another out forever.
        let longer = longest.filter(|line| line.waiters.len() > own + 1);
        longer.is_some_and(|line| line.waiters.pop_back().is_some())
    }

    /// A number that is higher than all before.
    fn number(&mut self) -> u64 {
        self.next_number = self.next_number.saturating_add(1);
        self.next_number
    }
}
