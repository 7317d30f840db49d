//! One target before the others: what a rule decides.

use std::mem;

use ferro_core::{Order, TargetId, View};

use crate::shares::Shares;

/// Puts `target` first, if it takes part, and the others behind it in the configured order.
pub(crate) fn prefer(
    view: &View<'_>,
    target: Option<&TargetId>,
    reason: &'static str,
    out: &mut Order,
) {
    let shares = Shares::of(view.candidates);
    let found = target.and_then(|target| shares.find(target));
    if let Some(at) = found {
        out.push(at, reason);
        out.decide();
    }
    let (mut reason, further) = match (target, found) {
        (Some(_), Some(_)) => ("behind the rule's target", "behind the rule's target"),
        (Some(_), None) => ("the rule's target cannot be asked: first in order", "next in order"),
        (None, _) => ("no rule matches: first in order", "next in order"),
    };
    out.extend(shares.live().map(|(at, _)| (at, mem::replace(&mut reason, further))));
}
