//! The strategies by the word that selects them.

use ferro_core::Strategy;

use crate::{Fallback, Single};

/// The modes that this build serves.
pub const MODES: &[&str] = &["single", "fallback"];

/// The strategy that `mode` selects.
pub fn by_mode(mode: &str) -> Option<Box<dyn Strategy>> {
    match mode {
        "single" => Some(Box::new(Single)),
        "fallback" => Some(Box::new(Fallback)),
        _ => None,
    }
}
