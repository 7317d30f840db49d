//! Numbers in their ranges.

use std::time::Duration;

use crate::{finding::Findings, paths::at};

/// A share of something: not negative, and a number.
pub(super) fn share(path: String, weight: Option<f64>, findings: &mut Findings) {
    if let Some(weight) = weight.filter(|weight| !weight.is_finite() || *weight < 0.0) {
        let help = "write a number, 0 for none; without the key it is 1";
        findings.error(path, format!("{weight} is no share"), help);
    }
}

/// A part of a whole: some of it, or all.
pub(super) fn part(path: String, part: f64, findings: &mut Findings) {
    if !(part > 0.0 && part <= 1.0) {
        let help = "write a number above 0, and at most 1";
        findings.error(path, format!("{part} is not a part of a whole"), help);
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

/// A list of HTTP statuses.
pub(super) fn statuses(path: &str, codes: &[u16], findings: &mut Findings) {
    for (index, status) in codes.iter().enumerate() {
        if !(100..600).contains(status) {
            findings.error(
                at(path, index),
                format!("{status} is not an HTTP status"),
                "100 to 599",
            );
        }
    }
}
