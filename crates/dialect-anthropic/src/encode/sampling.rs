//! `temperature`, `top_p` and `top_k`, where the model and the version of the wire still take them.

use super::{fields::Fields, schema::next};
use crate::{models::Sampling, notes::Notes};

/// The lowest `top_p` beside which a model thinks.
const NARROWEST: f64 = 0.95;

/// What allows sampling parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    pub(super) by_version: bool,
    pub(super) by_model: Sampling,
    pub(super) is_thinking: bool,
}

impl Allowed {
    /// Whether a parameter of this value may be said. One that would change nothing may be, as long
    /// as the parameter is known at all.
    fn takes(self, name: &str, value: f64) -> bool {
        if !self.by_version || self.by_model == Sampling::No {
            return false;
        }
        !self.is_thinking
            || match name {
                "temperature" => value >= 1.0,
                "top_p" => value >= NARROWEST,
                _ => false,
            }
    }
}

/// Writes those that may be said.
pub(super) fn write(out: &mut Vec<u8>, fields: &Fields<'_>, allowed: Allowed, notes: &mut Notes) {
    let value = |name| fields.text(name).map(|text| text.parse::<f64>().unwrap_or_default());
    let changes = |name| value(name).is_some_and(|value| !is_usual(name, value));
    let is_one = allowed.by_model == Sampling::One && allowed.by_version;
    let mut is_one_said = false;
    for name in ["temperature", "top_p", "top_k"] {
        let (Some(text), Some(value)) = (fields.text(name), value(name)) else { continue };
        // Of two of which one may be said, the one that changes something.
        let gives_way = is_one && name == "temperature" && !changes(name) && changes("top_p");
        let is_second = is_one && name == "top_p" && is_one_said;
        if !allowed.takes(name, value) || is_second || gives_way {
            if changes(name) {
                notes.unsaid(name);
            }
            continue;
        }
        next(out, name);
        if name == "temperature" && value > 1.0 {
            // The hottest that the vendor knows.
            notes.unsaid(name);
            out.push(b'1');
        } else {
            out.extend_from_slice(text.as_bytes());
        }
        is_one_said = true;
    }
}

/// Whether it would be so anyway.
fn is_usual(name: &str, value: f64) -> bool {
    name != "top_k" && (value - 1.0).abs() < f64::EPSILON
}
