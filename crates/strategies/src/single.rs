//! The first target, and no other.

use ferro_core::{Order, Strategy, View};

/// Asks the first target alone.
#[derive(Clone, Copy, Debug)]
pub struct Single;

impl Strategy for Single {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        if !view.candidates.is_empty() {
            out.push(0, "the only target of `single`");
        }
    }
}
