//! A string that may be a secret: typed out, or by `${VARIABLE}`.

use std::fmt;

use ferro_core::{Secret, Vars};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Unresolved,
    reference::{Piece, expand, pieces},
};

/// What is shown instead of a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// Words before a reference that are known not to be secret.
const SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey", "key"];

/// A string that may be a secret: a key, a header's value, a variable for a child process.
///
/// What was typed is never printed, neither by `Debug` nor when a configuration is written out:
/// `[REDACTED]` stands there. A string that only refers to variables (`${LLM_KEY}`,
/// `Bearer ${TOKEN}`) is shown as it is. What the variables hold is looked up by
/// [`resolve`](Self::resolve), and never kept here.
///
/// ```
/// use ferro_config::SecretRef;
///
/// assert_eq!(format!("{:?}", SecretRef::from("sk-1")), "[REDACTED]");
/// let key = SecretRef::from("${KEY}");
/// assert_eq!(format!("{key:?}"), "${KEY}");
/// let secret = key.resolve("targets[0].api_key", &|_| Some("sk-1".to_owned()))?;
/// assert_eq!(secret.expose(), "sk-1");
/// # Ok::<(), ferro_config::Unresolved>(())
/// ```
#[derive(Clone)]
pub struct SecretRef(Secret);

impl SecretRef {
    /// The secret, with every reference replaced. `path` is where it stands, for the error.
    pub fn resolve(&self, path: &str, vars: Vars<'_>) -> Result<Secret, Unresolved> {
        expand(self.0.expose(), path, vars).map(Secret::new)
    }

    /// What may be seen of it.
    pub(crate) fn shown(&self) -> &str {
        let typed = self.0.expose();
        if typed.is_empty() || only_refers(typed) { typed } else { REDACTED }
    }

    /// What was typed. Every call is a place to look at in a review.
    pub(crate) fn typed(&self) -> &str {
        self.0.expose()
    }
}

/// Whether there is nothing in it but references, behind the name of a scheme at most.
pub(crate) fn only_refers(typed: &str) -> bool {
    let pieces = pieces(typed);
    let is_shown = |piece: &Piece<'_>| match piece {
        Piece::Variable(_) => true,
        Piece::Literal(literal) => literal
            .strip_suffix(' ')
            .is_some_and(|word| SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))),
    };
    pieces.iter().all(is_shown) && pieces.iter().any(|p| matches!(p, Piece::Variable(_)))
}

impl Default for SecretRef {
    fn default() -> Self {
        Self(Secret::new(""))
    }
}

impl From<&str> for SecretRef {
    fn from(typed: &str) -> Self {
        Self(Secret::new(typed))
    }
}

impl From<String> for SecretRef {
    fn from(typed: String) -> Self {
        Self(Secret::new(typed))
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl PartialEq for SecretRef {
    fn eq(&self, other: &Self) -> bool {
        self.typed() == other.typed()
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_never_shown_and_a_reference_is() {
        for (typed, shown) in [
            ("sk-1", REDACTED),
            ("Bearer sk-1", REDACTED),
            ("sk-${KEY}", REDACTED),
            ("${KEY} hunter2", REDACTED),
            ("Bearer ", REDACTED),
            ("${KEY}", "${KEY}"),
            ("Bearer ${KEY}", "Bearer ${KEY}"),
            ("${USER}${KEY}", "${USER}${KEY}"),
            ("", ""),
        ] {
            let secret = SecretRef::from(typed);
            assert_eq!(format!("{secret:?}"), shown, "{typed}");
            assert_eq!(serde_json::to_value(&secret).unwrap(), shown, "{typed}");
        }
    }
}
