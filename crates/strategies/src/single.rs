//! The first target, and no other.

use ferro_core::{Order, Strategy, View};

use crate::shares::Shares;

/// Asks the first target alone: the first that is not drained.
#[derive(Clone, Copy, Debug, Default)]
pub struct Single;

impl Strategy for Single {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        if let Some((first, _)) = Shares::of(view.candidates).live().next() {
            out.push(first, "the only target of `single`");
        }
    }
}
