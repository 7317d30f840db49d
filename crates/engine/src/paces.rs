//! How long a target takes with each of its models, on each surface.

use std::sync::Arc;

use ferro_core::SurfaceKind;
use tokio::time::Instant;

use crate::{Target, by_model::ByModel, pace::Pace};

/// So many models and surfaces are told apart at one target. Further ones are timed with those that
/// nobody lists.
const MOST: usize = 1_024;

/// The name for all models together that neither the operator nor the vendor lists: names that
/// clients make up cost no memory. No model has it.
const UNLISTED: &str = "";

/// How long a target takes, apart for each model that is listed and each surface that was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paces(Arc<ByModel<SurfaceKind, Arc<Pace>>>);

impl Target {
    /// How long it takes with this model, on this surface.
    pub(crate) fn pace(&self, model: &str, surface: SurfaceKind) -> Arc<Pace> {
        self.standing().paces.pace(model, surface, || self.lists(model))
    }
}

impl Paces {
    fn pace(
        &self,
        model: &str,
        surface: SurfaceKind,
        is_listed: impl FnOnce() -> bool,
    ) -> Arc<Pace> {
        let kept = self.0.load();
        let known = |model| kept.find(model, surface).map(Arc::clone);
        known(model).unwrap_or_else(|| {
            let model = if kept.len() < MOST && is_listed() { model } else { UNLISTED };
            let fresh = || Arc::new(Pace::new(Instant::now()));
            known(model).unwrap_or_else(|| self.0.get_or_put(model, surface, fresh()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_model_has_its_own_pace_on_each_surface_and_all_others_share_one() {
        let paces = Paces::default();
        let listed = |model, surface| paces.pace(model, surface, || true);
        let unlisted = |model, surface| paces.pace(model, surface, || false);
        let chat = listed("m", SurfaceKind::Chat);
        assert!(Arc::ptr_eq(&chat, &listed("m", SurfaceKind::Chat)));
        assert!(!Arc::ptr_eq(&chat, &listed("m", SurfaceKind::Embeddings)));
        assert!(!Arc::ptr_eq(&chat, &listed("n", SurfaceKind::Chat)));
        let made_up = unlisted("made-up", SurfaceKind::Chat);
        assert!(Arc::ptr_eq(&made_up, &unlisted("made-up-too", SurfaceKind::Chat)));
        assert!(!Arc::ptr_eq(&made_up, &unlisted("made-up", SurfaceKind::Speech)));
        assert!(!Arc::ptr_eq(&made_up, &chat));
    }

    #[test]
    fn whatever_a_vendor_lists_the_memory_is_bounded() {
        let paces = Paces::default();
        for n in 0..2 * MOST {
            paces.pace(&format!("model-{n}"), SurfaceKind::Chat, || true);
        }
        assert_eq!(paces.0.load().len(), MOST + 1, "all others are one");
    }
}
