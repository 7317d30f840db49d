//! Finding the few bytes that matter in a reply that is not parsed.

use memchr::memmem;

/// The text after the first `key` (with its quotes) and a colon, where the value starts with
/// `first`. What follows the value is still attached.
///
/// ```
/// let chunk = br#"{"usage":null,"x":{"usage": {"prompt_tokens":3}}}"#;
/// assert!(ferro_wire::needle(chunk, b"\"usage\"", b'{').unwrap().starts_with(b"{\"prompt"));
/// ```
pub fn needle<'a>(bytes: &'a [u8], key: &[u8], first: u8) -> Option<&'a [u8]> {
    memmem::find_iter(bytes, key).find_map(|at| value(&bytes[at + key.len()..], first))
}

/// Like [`needle`], from the end: for what vendors put last.
pub fn last_needle<'a>(bytes: &'a [u8], key: &[u8], first: u8) -> Option<&'a [u8]> {
    memmem::rfind_iter(bytes, key).find_map(|at| value(&bytes[at + key.len()..], first))
}

fn value(rest: &[u8], first: u8) -> Option<&[u8]> {
    let value = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    (value.first() == Some(&first)).then_some(value)
}
