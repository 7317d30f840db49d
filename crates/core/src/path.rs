//! Names of models in paths.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{ErrorKind, ProviderError};

/// What stands in a segment as it is: what a URI does not reserve, and `@`, which versions begin with.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@');

/// A model's name as a piece of a path: each of its segments escaped.
///
/// ```
/// use ferro_core::segments;
/// assert_eq!(segments("gemini-2.5-pro").unwrap(), "gemini-2.5-pro");
/// assert_eq!(segments("tunedModels/a b?").unwrap(), "tunedModels/a%20b%3F");
/// assert!(segments("../secret").is_err());
/// ```
///
/// # Errors
///
/// Of kind `Invalid`, if a segment is empty or leads elsewhere: `.`, `..`.
pub fn segments(model: &str) -> Result<String, ProviderError> {
    let mut path = String::with_capacity(model.len());
    for (at, segment) in model.split('/').enumerate() {
        if matches!(segment, "" | "." | "..") {
            return Err(ProviderError::new(ErrorKind::Invalid).with_message(format!(
                "model is `{model}`, in which the segment `{segment}` names nothing"
            )));
        }
        if at > 0 {
            path.push('/');
        }
        path.extend(utf8_percent_encode(segment, ESCAPED));
    }
    Ok(path)
}
