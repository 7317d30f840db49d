//! Names of functions, for a vendor that is particular about them.

use std::{borrow::Cow, fmt::Write};

/// The longest name that is taken.
const LONGEST: usize = 64;
/// What a made name keeps of the one it stands for; its mark follows.
const KEPT: usize = 55;

/// The name that stands for `name`: `name` itself where the vendor takes it, else one that is made of
/// it, still says what it means, and is the same each time.
pub(crate) fn fit(name: &str) -> Cow<'_, str> {
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins_well && name.len() <= LONGEST && name.bytes().all(is_taken) {
        return Cow::Borrowed(name);
    }
    let mut made = String::with_capacity(LONGEST);
    if !begins_well {
        made.push('_');
    }
    let shown = |c: char| if c.is_ascii() && is_taken(c as u8) { c } else { '_' };
    made.extend(name.chars().map(shown).take(KEPT - made.len()));
    write!(made, "_{:08x}", mark(name)).expect("a string takes text");
    Cow::Owned(made)
}

fn is_taken(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Tells names apart whose shown characters are the same: FNV-1a, of 32 bits.
fn mark(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |mark, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The names of a request that went by another: usually none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renamed(Vec<(String, String)>);

impl Renamed {
    /// Notes a name if it has to go by another.
    pub(crate) fn note(&mut self, name: &str) {
        if let Cow::Owned(made) = fit(name) {
            self.0.push((made, name.to_owned()));
        }
    }

    /// The client's name for what the vendor calls `name`.
    pub(crate) fn original<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.iter().find(|(made, _)| made == name).map_or(name, |(_, original)| original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_stays_and_another_is_mapped_back() {
        let mut renamed = Renamed::default();
        for name in ["get_weather", "_x.y-z", "A1"] {
            assert_eq!(fit(name), name);
        }
        let long = "a".repeat(65);
        for name in ["1st", "mcp:get weather", "größe", "", &long, "a b", "a:b"] {
            let made = fit(name);
            assert!(made.len() <= LONGEST && made.bytes().all(is_taken), "{made}");
            assert!(made.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'), "{made}");
            assert_eq!(fit(&made), made, "it fits");
            renamed.note(name);
            assert_eq!(renamed.original(&made), name);
        }
        assert_ne!(fit("a b"), fit("a:b"), "what looks alike is told apart");
        assert_eq!(renamed.original("other"), "other");
    }
}
