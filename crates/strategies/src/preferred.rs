//! One target before the others: what a rule decides.

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
    let mut reason = match (target, found) {
        (Some(_), Some(_)) => "behind the rule's target",
        (Some(_), None) => "the rule's target cannot be asked: first in order",
        (None, _) => "no rule matches: first in order",
    };
    for (at, _) in shares.live() {
        if !out.has(at) {
            out.push(at, reason);
            if found.is_none() {
                reason = "next in order";
            }
        }
    }
}
