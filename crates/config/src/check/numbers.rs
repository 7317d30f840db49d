//! Numbers in their ranges.

use std::time::Duration;

use crate::finding::Findings;

/// A share of something: not negative, and a number.
pub(super) fn share(path: String, weight: Option<f64>, findings: &mut Findings) {
    if let Some(weight) = weight.filter(|weight| !weight.is_finite() || *weight < 0.0) {
        let help = "write a number, 0 for none; without the key it is 1";
        findings.error(path, format!("{weight} is no share"), help);
    }
}

/// A time that something may take: not none at all.
pub(super) fn budget(path: String, time: Option<Duration>, findings: &mut Findings) {
    if time.is_some_and(|time| time.is_zero()) {
        let help = "leave the key out for the default, or write how long it may take";
        findings.error(path, "nothing is done in no time", help);
    }
}

/// A count of which 0 means the default, as it did where absent and 0 were the same.
pub(super) fn count(path: String, value: u64, default: u64, findings: &mut Findings) {
    if value == 0 {
        let help = format!("write {default}, or leave the key out");
        findings.warn(path, format!("0 counts as {default} here"), help);
    }
}
