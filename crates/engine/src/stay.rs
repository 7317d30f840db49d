//! Requests that belong together stay with one target, which has their beginning in its cache.

use std::sync::Arc;

use ferro_core::{Affinity, Subject, Surface};
use tokio::time::Instant;

use crate::{
    Engine, Opened, Stays, Target,
    affinity::{TargetNumber, Trail},
    ordering::{Planned, Warm},
    pass::Visitor,
};

/// Bytes of text that make a token, about.
const BYTES_PER_TOKEN: u64 = 4;

impl<S: Surface> Opened<S> {
    /// By what requests like this one are known.
    pub(crate) fn trail(&self, engine: &Engine, stays: &Stays) -> Box<Trail> {
        let key = self.caller.principal.key.as_ref();
        let mut trail = stays.memory.trail(key, self.request.model());
        if stays.by_session
            && let Some(session) = self.session(engine, stays)
        {
            trail.session(session);
        }
        if stays.by_prefix {
            // A prompt that cannot be read is known by what could be read of it.
            let _unread = self.request.texts(&mut |speaker, text| trail.text(speaker, text));
        }
        Box::new(trail)
    }

    fn session(&self, engine: &Engine, stays: &Stays) -> Option<&str> {
        let mut names = match &stays.header {
            Some(header) => std::slice::from_ref(header),
            None => &engine.parts.session_headers[..],
        }
        .iter();
        names.find_map(|name| {
            let said = self.headers.get(name)?.to_str().ok()?.trim();
            (!said.is_empty()).then_some(said)
        })
    }

    /// Puts the target that has answered before in front, if the strategy has a place for it and it
    /// can be asked now.
    pub(crate) fn stay(&self, engine: &Engine, warm: Warm, planned: &mut Planned) -> Affinity {
        let is_it = |index: &u16| usize::from(*index) == warm.target;
        let Some(place) = planned.line.iter().position(is_it) else { return Affinity::None };
        let visitor = Visitor { model: self.request.model(), roll: self.caller.roll, key: None };
        if engine.parts.targets[warm.target].keeps_out(visitor, Instant::now()).is_some() {
            return Affinity::Left;
        }
        planned.prefer(place, "it has answered the requests before this one");
        Affinity::Kept
    }
}

impl Engine {
    /// Who has answered requests like this one.
    pub(crate) fn warm(&self, route: usize, trail: &Trail) -> Option<Warm> {
        let stays = self.route(route).stays.as_ref()?;
        let found = stays.memory.recall(trail, Instant::now())?;
        let is_it = |target: &Arc<Target>| TargetNumber::of(target.id()) == found.target;
        let target = self.parts.targets.iter().position(is_it)?;
        Some(Warm { target, tokens: found.bytes.unwrap_or_default() / BYTES_PER_TOKEN })
    }

    /// This target has answered: the next request like this one stays with it.
    pub(crate) fn remember(&self, route: usize, trail: &Trail, target: &Target) {
        if let Some(stays) = &self.route(route).stays {
            stays.memory.remember(trail, TargetNumber::of(target.id()), Instant::now());
        }
    }
}
