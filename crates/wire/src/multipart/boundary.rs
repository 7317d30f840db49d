//! What stands between the parts.

use std::fmt;

use memchr::memmem::{Finder, find};

use super::{FormError, head};

/// The longest that RFC 2046 allows.
const LONGEST: usize = 70;

/// What stands between the parts of a form, as its content type names it.
#[derive(Clone)]
pub struct Boundary {
    /// With the two dashes before it.
    dashed: Finder<'static>,
}

impl Boundary {
    /// The boundary that a content type names.
    ///
    /// # Errors
    ///
    /// It is not the content type of a form, or its boundary is none.
    pub fn of(content_type: &str) -> Result<Self, FormError> {
        let (essence, rest) = content_type.split_once(';').ok_or(FormError::ContentType)?;
        if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
            return Err(FormError::ContentType);
        }
        let mut found = None;
        for parameter in head::parameters(rest) {
            let (name, value) = parameter.map_err(|_| FormError::ContentType)?;
            if name.eq_ignore_ascii_case("boundary") && found.replace(value).is_some() {
                return Err(FormError::ContentType);
            }
        }
        let boundary = found.filter(|text| is_boundary(text)).ok_or(FormError::ContentType)?;
        Ok(Self { dashed: Finder::new(&format!("--{boundary}")).into_owned() })
    }

    /// Whether a form in which a value is replaced by this would have another part by it.
    pub fn is_in(&self, value: &[u8]) -> bool {
        self.find(value).is_some()
    }

    pub(super) fn dashed(&self) -> &[u8] {
        self.dashed.needle()
    }

    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.dashed.find(bytes)
    }
}

impl fmt::Debug for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Boundary").field(&String::from_utf8_lossy(self.dashed())).finish()
    }
}

/// The characters that RFC 2046 has for it; a space not at its end.
fn is_boundary(text: &str) -> bool {
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(is_one)
        && !text.ends_with(' ')
        && find(text.as_bytes(), b"  ").is_none()
}
