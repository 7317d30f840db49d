//! Secrets as a type that nothing can print.

use std::{fmt, sync::Arc};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A string that must not be seen: a vendor's key, a client's key, a resolved `${VAR}`.
///
/// There is no `Display` and no `Serialize`, and `Debug` prints a placeholder, so a secret cannot
/// reach a log, an error or a response unless somebody writes [`expose`](Self::expose). The memory
/// is wiped when the last clone goes.
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Takes a string into custody.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Arc::new(SecretString::from(secret.into())))
    }

    /// The secret itself. Every call of this method is a place to look at in a review.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The secret as a header's value, behind `prefix`, marked so that HTTP layers do not print it
    /// either. `None` when it holds a byte that no header may carry.
    pub fn to_header(&self, prefix: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", self.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("sk-very-secret");
        assert_eq!(format!("{secret:?}"), "[redacted]");
        let header = secret.to_header("Bearer ").unwrap();
        assert!(!format!("{header:?}").contains("very-secret"));
        assert_eq!(header.as_bytes(), b"Bearer sk-very-secret");
    }
}
