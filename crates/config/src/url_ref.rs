//! A URL as typed, whose credentials are not shown.

use std::{fmt, ops::Range};

use ferro_core::Vars;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Unresolved, reference::expand, secret_ref::REDACTED};

/// A URL, as typed; it may hold `${VARIABLE}`. Its user, password, query and fragment are not shown.
///
/// ```
/// use ferro_config::UrlRef;
///
/// let url = UrlRef::from("https://me:hunter2@llm.example/v1?key=sk-1");
/// assert_eq!(format!("{url:?}"), "https://[REDACTED]@llm.example/v1?[REDACTED]");
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct UrlRef(String);

impl UrlRef {
    /// The URL, with every reference replaced. `path` is where it stands, for the error.
    pub fn resolve(&self, path: &str, vars: Vars<'_>) -> Result<String, Unresolved> {
        expand(&self.0, path, vars)
    }

    /// What was typed, credentials and all.
    pub(crate) fn typed(&self) -> &str {
        &self.0
    }

    /// What may be seen of it.
    pub(crate) fn shown(&self) -> String {
        let mut shown = self.0.clone();
        for part in secret_parts(&self.0).into_iter().rev() {
            shown.replace_range(part, REDACTED);
        }
        shown
    }
}

/// Where a URL holds what nobody should see: before the `@` of the host, and behind a `?` or `#`.
pub(crate) fn secret_parts(url: &str) -> Vec<Range<usize>> {
    let start = url.find("://").map_or(0, |found| found + 3);
    let end = url[start..].find(['?', '#']).map_or(url.len(), |found| start + found);
    let host = url[start..end].find('/').map_or(end, |found| start + found);
    let user = url[start..host].rfind('@').map(|found| start..start + found);
    let tail = (end + 1 < url.len()).then(|| end + 1..url.len());
    user.into_iter().chain(tail).filter(|part| !part.is_empty()).collect()
}

impl From<&str> for UrlRef {
    fn from(typed: &str) -> Self {
        Self(typed.to_owned())
    }
}

impl From<String> for UrlRef {
    fn from(typed: String) -> Self {
        Self(typed)
    }
}

impl fmt::Debug for UrlRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for UrlRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for UrlRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_credentials() {
        for (typed, shown) in [
            ("https://llm.example/v1", "https://llm.example/v1"),
            ("https://u:p@llm.example", "https://[REDACTED]@llm.example"),
            ("https://u:p@x@llm.example/a@b", "https://[REDACTED]@llm.example/a@b"),
            ("llm.example/?k=1#f", "llm.example/?[REDACTED]"),
            ("llm.example#f", "llm.example#[REDACTED]"),
            ("https://${HOST}/v1", "https://${HOST}/v1"),
            ("https://llm.example/?", "https://llm.example/?"),
            ("", ""),
        ] {
            assert_eq!(format!("{:?}", UrlRef::from(typed)), shown);
        }
    }
}
