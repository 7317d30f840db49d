//! One after the other, as configured.

use std::mem;

use ferro_core::{Order, Strategy, View};

use crate::shares::Shares;

/// Asks the targets in the configured order until one answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fallback;

impl Strategy for Fallback {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let mut reason = "first in order";
        let next = |(at, _)| (at, mem::replace(&mut reason, "next in order"));
        out.extend(Shares::of(view.candidates).live().map(next));
    }
}
