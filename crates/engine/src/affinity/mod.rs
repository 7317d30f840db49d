//! Which target has the beginning of a prompt warm.
//!
//! Vendors keep a prompt's beginning for a while, and charge and take less for what they find there.
//! A conversation that comes back, longer by a turn, had better go where it went before. So the
//! prompt's hash is taken at certain lengths ([`Trail`]), and for each it is remembered who answered:
//! the longest one that is known wins, and a session that the client names wins over all of them.
//!
//! What is remembered is advice: whether the target may be asked, and how much a warm prompt is
//! worth, the caller decides. A beginning that all prompts share (one system prompt) is known
//! wherever the last of them went: as a part of the whole ([`Trail::bytes`]) it may be too little to
//! send everybody there. Tenant and model are part of every hash. The memory is a fixed table of
//! words without a lock, half a mebibyte, in which the newest push out the oldest.
//!
//! # Limitations
//!
//! Each process has its own memory, and a restart begins with an empty one. Two targets' numbers are
//! the same once in a million pairs; a hash is taken for another one less often: then the advice is
//! wrong, and nothing else.

mod table;
mod trail;

use std::{
    hash::{BuildHasher, Hasher},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use ferro_core::{KeyId, TargetId};
use foldhash::quality::FixedState;
use table::{TARGET_BITS, Table};
use tokio::time::Instant;
pub use trail::Trail;

use crate::began::{Began, micros};

/// Time is told in steps of this many microseconds: what expires does so up to a step late.
const STEP: u64 = 10_000_000;
/// The longest that anything is remembered, in steps: a good half of what a table's clock can tell.
const LONGEST: u64 = 40_000;

/// Who has which beginnings warm.
#[derive(Debug)]
pub struct Affinity {
    began: Began,
    seed: u64,
    /// In steps.
    lifetime: AtomicU32,
    table: Table,
}

/// A target's number: the same as long as its name is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TargetNumber(u32);

/// Who has how much of a prompt warm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Warm {
    /// Who.
    pub target: TargetNumber,
    /// How many bytes of the texts are known to have been there; `None` if it is the client's session
    /// that went there.
    pub bytes: Option<u64>,
}

impl Affinity {
    /// What lasts if nothing else is said: as long as vendors keep a prompt that is not asked for.
    pub const LIFETIME: Duration = Duration::from_secs(300);

    /// An empty memory, in which everything lasts for `lifetime` after it was remembered last.
    /// `seed` is random, so that nobody outside can tell which prompts meet in the table.
    pub fn new(lifetime: Duration, seed: u64, now: Instant) -> Self {
        let lifetime = AtomicU32::new(steps(lifetime));
        Self { began: Began::new(now), seed, lifetime, table: Table::new() }
    }

    /// Another lifetime, for what is remembered already, too.
    pub fn adopt(&self, lifetime: Duration) {
        self.lifetime.store(steps(lifetime), Relaxed);
    }

    /// The beginning of a prompt's trail: `tenant` asks for `model`.
    pub fn trail(&self, tenant: Option<&KeyId>, model: &str) -> Trail {
        Trail::new(self.seed, tenant, model)
    }

    /// This prompt was answered by `target`, which has it warm from now on.
    pub fn remember(&self, trail: &Trail, target: TargetNumber, now: Instant) {
        let step = self.step(now);
        let marks = trail.marks().map(|(_, mark)| mark);
        marks.chain(trail.session_mark()).for_each(|mark| self.table.put(mark, step, target.0));
    }

    /// Who has the most of this prompt warm.
    pub fn recall(&self, trail: &Trail, now: Instant) -> Option<Warm> {
        let (step, lifetime) = (self.step(now), self.lifetime.load(Relaxed));
        let find = |mark| self.table.find(mark, step, lifetime).map(TargetNumber);
        if let Some(target) = trail.session_mark().and_then(find) {
            return Some(Warm { target, bytes: None });
        }
        trail.marks().rev().find_map(|(length, mark)| {
            find(mark).map(|target| Warm { target, bytes: Some(length) })
        })
    }

    fn step(&self, now: Instant) -> u64 {
        self.began.micros(now) / STEP
    }
}

impl TargetNumber {
    /// The number of the target with this name.
    pub fn of(target: &TargetId) -> Self {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        hasher.write(target.as_str().as_bytes());
        Self((hasher.finish() >> (u64::BITS - TARGET_BITS)) as u32)
    }
}

fn steps(lifetime: Duration) -> u32 {
    u32::try_from(micros(lifetime).div_ceil(STEP).min(LONGEST)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use ferro_core::Speaker;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    struct Bench {
        affinity: Affinity,
        now: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let now = Instant::now();
            Self { affinity: Affinity::new(Affinity::LIFETIME, 7, now), now }
        }

        fn trail(&self, turns: &[&str]) -> Trail {
            self.trail_of(Some("tenant"), "model", turns)
        }

        fn trail_of(&self, tenant: Option<&str>, model: &str, turns: &[&str]) -> Trail {
            let mut trail = self.affinity.trail(tenant.map(KeyId::from).as_ref(), model);
            for (n, text) in turns.iter().enumerate() {
                let speaker = if n % 2 == 0 { Speaker::User } else { Speaker::Assistant };
                trail.text(speaker, text);
            }
            trail
        }

        fn remember(&self, trail: &Trail, target: &str) {
            self.affinity.remember(trail, number(target), self.now);
        }

        fn recall(&self, trail: &Trail) -> Option<Warm> {
            self.affinity.recall(trail, self.now)
        }
    }

    fn number(target: &str) -> TargetNumber {
        TargetNumber::of(&TargetId::from(target))
    }

    fn warm(target: &str, bytes: u64) -> Warm {
        Warm { target: number(target), bytes: Some(bytes) }
    }

    #[test]
    fn a_conversation_that_comes_back_longer_is_known_by_its_beginning() {
        let bench = Bench::new();
        let (first, second) = ("a".repeat(2_500), "b".repeat(300));
        assert_eq!(bench.recall(&bench.trail(&[&first])), None);
        bench.remember(&bench.trail(&[&first]), "east");
        assert_eq!(
            bench.recall(&bench.trail(&[&first, &second, "and?"])),
            Some(warm("east", 2_048))
        );
        let other = format!("{}c", "a".repeat(1_500));
        assert_eq!(bench.recall(&bench.trail(&[&other, &first])), Some(warm("east", 1_024)));
        let different = format!("c{}", "a".repeat(4_500));
        assert_eq!(bench.recall(&bench.trail(&[&different])), None);
    }

    #[test]
    fn the_longest_known_beginning_wins() {
        let bench = Bench::new();
        let system = "s".repeat(1_500);
        let (one, two) = ("1".repeat(4_000), "2".repeat(4_000));
        bench.remember(&bench.trail(&[&system, &one]), "east");
        bench.remember(&bench.trail(&[&system, &two]), "west");
        assert_eq!(bench.recall(&bench.trail(&[&system, &one, "x"])), Some(warm("east", 5_120)));
        assert_eq!(bench.recall(&bench.trail(&[&system, &two, "x"])), Some(warm("west", 5_120)));
        assert_eq!(bench.recall(&bench.trail(&[&system, "x"])), Some(warm("west", 1_024)));
    }

    #[test]
    fn tenants_models_and_speakers_share_nothing() {
        let bench = Bench::new();
        let text = "t".repeat(5_000);
        bench.remember(&bench.trail(&[&text]), "east");
        for (tenant, model) in [(None, "model"), (Some("other"), "model"), (Some("tenant"), "m")] {
            assert_eq!(bench.recall(&bench.trail_of(tenant, model, &[&text])), None);
        }
        assert_eq!(bench.recall(&bench.trail(&["", &text])), None);
        let mut said = bench.affinity.trail(Some(&KeyId::from("tenant")), "model");
        said.text(Speaker::Assistant, &text);
        assert_eq!(bench.recall(&said), None);
        assert!(bench.recall(&bench.trail(&[&text])).is_some());
    }

    #[test]
    fn a_session_is_known_whatever_its_prompt_is() {
        let bench = Bench::new();
        let text = "t".repeat(5_000);
        let mut trail = bench.trail(&["hello"]);
        trail.session("session-1");
        bench.remember(&trail, "east");
        bench.remember(&bench.trail(&[&text]), "west");
        let mut back = bench.trail(&[&text]);
        assert_eq!(bench.recall(&back), Some(warm("west", 4_096)));
        back.session("session-1");
        assert_eq!(bench.recall(&back), Some(Warm { target: number("east"), bytes: None }));
        let mut other = bench.trail_of(Some("other"), "model", &["hello"]);
        other.session("session-1");
        assert_eq!(bench.recall(&other), None);
    }

    #[test]
    fn whoever_answered_last_has_it() {
        let bench = Bench::new();
        let text = "t".repeat(3_000);
        bench.remember(&bench.trail(&[&text]), "east");
        bench.remember(&bench.trail(&[&text]), "west");
        assert_eq!(bench.recall(&bench.trail(&[&text])), Some(warm("west", 2_048)));
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten_and_what_is_asked_for_lasts() {
        let mut bench = Bench::new();
        let trail = bench.trail(&[&"t".repeat(3_000)]);
        bench.remember(&trail, "east");
        for _ in 0..5 {
            bench.now += 4 * MINUTE;
            assert!(bench.recall(&trail).is_some());
            bench.remember(&trail, "east");
        }
        bench.affinity.adopt(MINUTE);
        bench.now += 2 * MINUTE;
        assert_eq!(bench.recall(&trail), None);
        bench.affinity.adopt(10 * MINUTE);
        assert!(bench.recall(&trail).is_some());
        bench.now += 11 * MINUTE;
        assert_eq!(bench.recall(&trail), None);
    }

    #[test]
    fn whoever_has_read_the_clock_a_while_ago_knows_what_was_remembered_since() {
        let bench = Bench::new();
        let trail = bench.trail(&[&"t".repeat(3_000)]);
        bench.affinity.remember(&trail, number("east"), bench.now + MINUTE);
        assert_eq!(bench.recall(&trail), Some(warm("east", 2_048)));
    }

    #[test]
    fn without_a_lifetime_nothing_is_known() {
        let bench = Bench::new();
        bench.affinity.adopt(Duration::ZERO);
        let trail = bench.trail(&[&"t".repeat(3_000)]);
        bench.remember(&trail, "east");
        assert_eq!(bench.recall(&trail), None);
    }

    #[test]
    fn a_prompt_of_megabytes_is_known_to_an_eighth() {
        let bench = Bench::new();
        let text = "0123456789abcdef".repeat(1 << 18);
        bench.remember(&bench.trail(&[&text]), "east");
        let known = bench.recall(&bench.trail(&[&text, "more"])).unwrap().bytes.unwrap();
        assert!(known * 9 >= text.len() as u64 * 8, "{known} of {}", text.len());
    }

    #[test]
    fn a_flood_pushes_out_the_oldest_and_not_what_is_in_use() {
        let mut bench = Bench::new();
        let kept = bench.trail(&[&"k".repeat(1_100)]);
        let dropped = bench.trail(&[&"d".repeat(1_100)]);
        bench.remember(&kept, "east");
        bench.remember(&dropped, "east");
        let other = "o".repeat(1_100);
        for flood in 0..400_000_u32 {
            if flood % 2_000 == 0 {
                bench.now += Duration::from_secs(1);
                bench.remember(&kept, "east");
            }
            bench.remember(&bench.trail(&[&flood.to_string(), &other]), "west");
        }
        assert_eq!(bench.recall(&dropped), None);
        assert_eq!(bench.recall(&kept), Some(warm("east", 1_024)));
    }

    #[test]
    fn numbers_follow_names() {
        assert_eq!(number("east"), number("east"));
        let names: Vec<_> = (0..50).map(|n| number(&format!("target-{n}"))).collect();
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
