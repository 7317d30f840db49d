//! One after the other, as configured.

use ferro_core::{Order, Strategy, View};

/// Asks the targets in the configured order until one answers.
#[derive(Clone, Copy, Debug)]
pub struct Fallback;

impl Strategy for Fallback {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        for candidate in 0..view.candidates.len() {
            let reason = if candidate == 0 { "first in order" } else { "next in order" };
            out.push(candidate, reason);
        }
    }
}
