//! Who could answer a request: the one function that tells, for every surface and for streams.

use std::sync::Arc;

use ferro_core::{Owns, Surface};
use smallvec::SmallVec;

use crate::{Engine, Target};

/// As many targets are told apart without allocating.
pub(crate) const MANY: usize = 64;

/// Which targets could answer a request: those that serve its surface and own the model, or, where
/// nobody does, those that take any name.
#[derive(Debug)]
pub(crate) struct Owners {
    claims: SmallVec<[Owns; MANY]>,
    wanted: Owns,
}

impl Owners {
    pub(crate) fn of<S: Surface>(
        targets: &[Arc<Target>],
        model: &str,
        may: impl Fn(usize) -> bool,
    ) -> Self {
        let claim = |(index, target): (usize, &Arc<Target>)| {
            let is_able = may(index) && S::served(&*target.parts().provider).is_some();
            if is_able { target.owns(model) } else { Owns::No }
        };
        let claims: SmallVec<[Owns; MANY]> = targets.iter().enumerate().map(claim).collect();
        let wanted = if claims.contains(&Owns::Yes) { Owns::Yes } else { Owns::Any };
        Self { claims, wanted }
    }

    /// All that may and that serve the surface.
    pub(crate) fn all<S: Surface>(targets: &[Arc<Target>], may: impl Fn(usize) -> bool) -> Self {
        let claim = |(index, target): (usize, &Arc<Target>)| {
            let is_able = may(index) && S::served(&*target.parts().provider).is_some();
            if is_able { Owns::Yes } else { Owns::No }
        };
        Self { claims: targets.iter().enumerate().map(claim).collect(), wanted: Owns::Yes }
    }

    pub(crate) fn has(&self, target: usize) -> bool {
        self.claims.get(target).is_some_and(|claim| *claim == self.wanted)
    }
}

impl Engine {
    /// The targets that could answer a request for `model` on surface `S`, in the configured order,
    /// whichever way the request takes: targets that own the model, or, where nobody does, those
    /// that take any name.
    pub fn candidates<S: Surface>(&self, model: &str) -> Vec<&Arc<Target>> {
        let owners = Owners::of::<S>(&self.parts.targets, model, |_| true);
        let all = self.parts.targets.iter().enumerate();
        all.filter(|(index, _)| owners.has(*index)).map(|(_, target)| target).collect()
    }
}
