//! Why a request went where it went: what was decided, and what became of everybody who was considered.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeStruct};
use smallvec::SmallVec;

use crate::{TargetId, Unsaid};

const ROOM: usize = Decision::ROOM;

/// What was decided about a request, with reasons. Part of its [`Record`](crate::Record), so that
/// any request can be explained afterwards.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// The route whose conditions the request met, which has a name among those of targets; `None` is
    /// the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<TargetId>,
    /// The strategy that put the targets in order, by the word that selects it.
    pub mode: &'static str,
    /// The variant of an experiment that the request was drawn into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Arc<str>>,
    /// The request's share of randomness: with it, the order can be had again.
    pub roll: u64,
    /// Who was considered: those that have a place in the order first to last, then those that have
    /// none.
    pub considered: SmallVec<[Considered; ROOM]>,
    /// How many more have a place behind those that are listed, and were not needed.
    #[serde(skip_serializing_if = "is_zero")]
    pub unlisted: u32,
    /// How many more have no place: they are drained, or the strategy left them out.
    #[serde(skip_serializing_if = "is_zero")]
    pub unplaced: u32,
    /// Who has no place because it cannot be told all that the request says, where that decides:
    /// the first of them, as many as are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cannot_say: Vec<CannotSay>,
    /// What the place of earlier requests had to do with it.
    #[serde(skip_serializing_if = "Affinity::is_none")]
    pub affinity: Affinity,
    /// The second target that was started because the first was slow, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
}

impl Decision {
    /// How many targets a decision lists without allocating; further ones that nothing became of are
    /// counted instead.
    pub const ROOM: usize = 6;

    /// A decision of the strategy `mode`, by this roll, about nobody yet.
    pub fn new(mode: &'static str, roll: u64) -> Self {
        Self {
            route: None,
            mode,
            label: None,
            roll,
            considered: SmallVec::new(),
            unlisted: 0,
            unplaced: 0,
            cannot_say: Vec::new(),
            affinity: Affinity::None,
            hedge: None,
        }
    }

    /// Lists a target in the `place`th place of the order, while there is room without allocating. Its
    /// name is only taken down if it is listed.
    pub fn consider_placed(&mut self, target: &TargetId, place: usize, reason: &'static str) {
        if self.considered.len() < ROOM {
            self.considered.push(Considered::placed(target.clone(), place, reason));
        } else {
            self.unlisted += 1;
        }
    }

    /// The same for a target without a place, after all that have one.
    pub fn consider_unplaced(&mut self, target: &TargetId, fate: Fate) {
        if self.considered.len() < ROOM {
            self.considered.push(Considered::left_out(target.clone(), fate));
        } else {
            self.unplaced += 1;
        }
    }

    /// Says what became of the target at this place of the order, which is listed if it was not.
    pub fn settle(&mut self, place: usize, fate: Fate, unlisted: impl FnOnce() -> Considered) {
        let is_it = |considered: &&mut Considered| considered.place == Some(place);
        if let Some(considered) = self.considered.iter_mut().find(is_it) {
            considered.fate = fate;
        } else {
            self.unlisted = self.unlisted.saturating_sub(1);
            let is_before = |other: &Considered| other.place.is_some_and(|other| other < place);
            let at = self.considered.iter().take_while(|other| is_before(other)).count();
            self.considered.insert(at, Considered { fate, ..unlisted() });
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A target that cannot be told all that a request says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CannotSay {
    /// Who.
    pub target: TargetId,
    /// What it cannot be told.
    pub fields: Vec<Unsaid>,
}

impl CannotSay {
    /// This target cannot be told these fields.
    pub fn new(target: TargetId, fields: Vec<Unsaid>) -> Self {
        Self { target, fields }
    }
}

impl fmt::Display for CannotSay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "target `{}`: ", self.target)?;
        for (index, Unsaid(field)) in self.fields.iter().enumerate() {
            write!(f, "{}`{field}`", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// One target that was considered.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Considered {
    /// Who.
    pub target: TargetId,
    /// Where in the order, from 0; `None` if it has no place in it.
    pub place: Option<usize>,
    /// Why there, in the strategy's words.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: &'static str,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

impl Considered {
    /// A target in the `place`th place of an order that nobody has come to yet.
    pub fn placed(target: TargetId, place: usize, reason: &'static str) -> Self {
        Self { target, place: Some(place), reason, fate: Fate::NotNeeded }
    }

    /// A target that has no place in the order.
    pub fn left_out(target: TargetId, fate: Fate) -> Self {
        Self { target, place: None, reason: "", fate }
    }
}

/// What became of a target that was considered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fate {
    /// It was asked; the attempts tell how that went.
    Asked,
    /// Nobody came to it: the request had ended before.
    NotNeeded,
    /// Its circuit was open, or was being probed by as many requests as may: for this long.
    Open(Duration),
    /// It has asked to be left alone, for this long from now.
    Cooling(Duration),
    /// Each of its keys has been refused lately; the first may be shown again after this long.
    NoKey(Duration),
    /// It has as many requests under way and waiting as it may have.
    Saturated,
    /// Its weight is 0.
    Drained,
    /// The strategy gave it no place.
    LeftOut,
    /// It cannot be told all that the request says, and the operator would rather have a refusal.
    CannotSay,
}

impl Fate {
    /// The fate in one word, as records tell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NotNeeded => "not_needed",
            Self::Open(_) => "circuit_open",
            Self::Cooling(_) => "cooling",
            Self::NoKey(_) => "keys_cooling",
            Self::Saturated => "saturated",
            Self::Drained => "drained",
            Self::LeftOut => "left_out",
            Self::CannotSay => "cannot_say",
        }
    }

    /// For how much longer it could not be asked, where that is known.
    pub fn wait(self) -> Option<Duration> {
        match self {
            Self::Open(wait) | Self::Cooling(wait) | Self::NoKey(wait) => Some(wait),
            _ => None,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Asked => "asked",
            Self::NotNeeded => "not needed",
            Self::Open(_) => "passed over: its circuit is open",
            Self::Cooling(_) => "passed over: it has asked to be left alone",
            Self::NoKey(_) => "passed over: all of its keys are cooling",
            Self::Saturated => "passed over: saturated",
            Self::Drained => "drained: its weight is 0",
            Self::LeftOut => "left out by the strategy",
            Self::CannotSay => "left out: it cannot be told all that the request says",
        };
        f.write_str(words)?;
        self.wait().map_or(Ok(()), |wait| write!(f, " for another {:.1} s", wait.as_secs_f64()))
    }
}

impl Serialize for Fate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_struct("Fate", 2)?;
        fields.serialize_field("fate", self.as_str())?;
        match self.wait() {
            Some(wait) => fields.serialize_field("for_ms", &(wait.as_micros() as f64 / 1e3))?,
            None => fields.skip_field("for_ms")?,
        }
        fields.end()
    }
}

/// What the place of earlier requests had to do with an order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Affinity {
    /// Nothing: it is not asked for, or nobody like this has been here before.
    #[default]
    None,
    /// The target that answered last time was put in front.
    Kept,
    /// The target that answered last time could not be asked.
    Left,
}

impl Affinity {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A second target that was started because the first had not begun to answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hedge {
    /// After how long.
    #[serde(rename = "after_ms", serialize_with = "crate::record::millis")]
    pub after: Duration,
    /// Whether it began to answer before the first did.
    pub won: bool,
}

impl Hedge {
    /// A second target that was started after this long, and has not won yet.
    pub fn new(after: Duration) -> Self {
        Self { after, won: false }
    }
}

/// Why a call was made.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// It was the first.
    #[default]
    First,
    /// The call before it failed in a way that may pass.
    Retry,
    /// The target did not take the key that it was shown, and has another.
    NextKey,
    /// The target before it failed.
    NextTarget,
    /// The target before it had not begun to answer.
    Hedge,
    /// The request did not fit into the model, and there is a larger one.
    LargerModel,
}

impl Why {
    /// The cause in the words of records and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Retry => "retry",
            Self::NextKey => "next_key",
            Self::NextTarget => "next_target",
            Self::Hedge => "hedge",
            Self::LargerModel => "larger_model",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(place: usize) -> Considered {
        Considered::placed(TargetId::from(format!("t{place}")), place, "in order")
    }

    /// So many with a place, and so many without one.
    fn decided(places: usize, left_out: usize) -> Decision {
        let mut decision = Decision::new("fallback", 7);
        let targets: Vec<_> =
            (0..places + left_out).map(|n| TargetId::from(format!("t{n}"))).collect();
        for (place, target) in targets[..places].iter().enumerate() {
            decision.consider_placed(target, place, "in order");
        }
        for target in &targets[places..] {
            decision.consider_unplaced(target, Fate::LeftOut);
        }
        assert!(!decision.considered.spilled(), "no allocation for those that nobody came to");
        decision
    }

    #[test]
    fn a_long_order_is_counted_and_whoever_was_come_to_is_listed() {
        let mut decision = decided(50, 3);
        let counts = (decision.considered.len(), decision.unlisted, decision.unplaced);
        assert_eq!(counts, (ROOM, 44, 3));
        decision.settle(0, Fate::Saturated, || placed(0));
        decision.settle(40, Fate::Asked, || placed(40));
        assert_eq!(decision.considered[0].fate, Fate::Saturated);
        let last = decision.considered.last().unwrap();
        assert_eq!((last.target.as_str(), last.fate), ("t40", Fate::Asked));
        assert_eq!(decision.considered.len() + decision.unlisted as usize, 50);
    }

    #[test]
    fn those_without_a_place_stand_behind_those_with_one_and_are_counted_beyond_the_room() {
        let mut decision = decided(2, 48);
        let listed = |decision: &Decision| -> Vec<_> {
            decision.considered.iter().map(|considered| considered.place).collect()
        };
        assert_eq!(listed(&decision), [Some(0), Some(1), None, None, None, None]);
        assert_eq!((decision.unlisted, decision.unplaced), (0, 44));
        decision.considered.remove(1);
        decision.settle(1, Fate::Asked, || placed(1));
        assert_eq!(listed(&decision), [Some(0), Some(1), None, None, None, None]);
    }

    #[test]
    fn a_decision_is_told_in_words_that_stay() {
        let mut decision = Decision::new("loadbalance", 7);
        decision.consider_placed(&"t0".into(), 0, "in order");
        decision.settle(0, Fate::Open(Duration::from_millis(1500)), || placed(0));
        decision.consider_unplaced(&"d".into(), Fate::Drained);
        decision.hedge = Some(Hedge::new(Duration::from_millis(800)));
        let told = serde_json::to_value(&decision).unwrap();
        let expected = serde_json::json!({
            "mode": "loadbalance",
            "roll": 7,
            "considered": [
                {"target": "t0", "place": 0, "reason": "in order", "fate": "circuit_open", "for_ms": 1500.0},
                {"target": "d", "place": null, "fate": "drained"},
            ],
            "hedge": {"after_ms": 800.0, "won": false},
        });
        assert_eq!(told, expected);
        let words = decision.considered[0].fate.to_string();
        assert_eq!(words, "passed over: its circuit is open for another 1.5 s");
    }
}
