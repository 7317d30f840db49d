//! Names of tools and of their calls: what the vendor takes, and the way back.

use std::borrow::Cow;

use ferro_core::chat::CallIds;

/// Names of calls. Sixty-four characters, because one of the hosts takes no more.
pub(crate) const CALL_IDS: CallIds = CallIds { shortest: 1, longest: 64, takes: is_plain };
/// What makes two tools differ whose names differ only in what is not taken.
const MARK: CallIds =
    CallIds { shortest: 8, longest: 8, takes: |byte| byte.is_ascii_alphanumeric() };
const LONGEST_TOOL: usize = 128;

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The name that stands for a tool at the vendor: its own where that is taken, else one that reads
/// alike and is the same each time.
pub(crate) fn tool(name: &str) -> Cow<'_, str> {
    if (1..=LONGEST_TOOL).contains(&name.len()) && name.bytes().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let plain = |c: char| if c.is_ascii() && is_plain(c as u8) { c } else { '_' };
    let mut fit: String = name.chars().map(plain).take(LONGEST_TOOL - 9).collect();
    fit.push('_');
    fit.push_str(&MARK.fit(name));
    Cow::Owned(fit)
}

/// Which tools are called something else at the vendor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renamed(Vec<(String, String)>);

impl Renamed {
    /// Remembers `name` if it is not `as_sent`.
    pub(crate) fn note(&mut self, name: &str, as_sent: &str) {
        if name != as_sent && !self.0.iter().any(|(sent, _)| sent == as_sent) {
            self.0.push((as_sent.to_owned(), name.to_owned()));
        }
    }

    /// What the client calls the tool that the vendor calls `sent`.
    pub(crate) fn original<'a>(&'a self, sent: &'a str) -> &'a str {
        self.0.iter().find(|(as_sent, _)| as_sent == sent).map_or(sent, |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tools_name_fits_reads_alike_and_comes_back() {
        assert_eq!(tool("get_weather-2"), "get_weather-2");
        let long = "x".repeat(129);
        let mut seen = std::collections::BTreeSet::new();
        for name in ["files.read", "files/read", "gr\u{fc}\u{df}e", "", "a b c d.", &long] {
            let fit = tool(name).into_owned();
            assert!((1..=128).contains(&fit.len()) && fit.bytes().all(is_plain), "{fit}");
            assert_eq!(tool(name), fit, "the same each time");
            assert!(seen.insert(fit.clone()), "{fit} stands for two tools");
            let mut renamed = Renamed::default();
            renamed.note(name, &fit);
            assert_eq!(renamed.original(&fit), name);
        }
        assert!(tool("files.read").starts_with("files_read_"));
    }

    #[test]
    fn a_call_of_another_vendor_has_a_name_that_is_taken() {
        for id in ["call.1", "functions.f:0", ""] {
            let fit = CALL_IDS.fit(id);
            assert!(!fit.is_empty() && fit.bytes().all(is_plain), "{fit}");
        }
        assert_eq!(CALL_IDS.fit("toolu_01A-b"), "toolu_01A-b");
    }
}
