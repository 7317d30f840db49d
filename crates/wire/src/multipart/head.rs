//! The head of a part: which field it is for.

/// What a part's head says.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) is_file: bool,
}

/// Reads a part's head, without the empty line that ends it.
pub(super) fn read(head: &[u8]) -> Result<Head, &'static str> {
    let head = std::str::from_utf8(head).map_err(|_| "its head is not UTF-8")?;
    let mut found = None;
    for line in head.split("\r\n") {
        if line.contains(['\r', '\n', '\0']) {
            return Err("a line of its head ends otherwise than the others");
        }
        let (name, value) = line.split_once(':').ok_or("a line of its head is no header")?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err("a line of its head is no header");
        }
        if name.eq_ignore_ascii_case("content-disposition") {
            if found.replace(disposition(value)?).is_some() {
                return Err("it has two content-dispositions");
            }
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            plain_encoding(value)?;
        } else if name.eq_ignore_ascii_case("content-type") {
            plain_charset(value)?;
        }
    }
    found.ok_or("it has no content-disposition")
}

fn disposition(value: &str) -> Result<Head, &'static str> {
    let (kind, rest) = value.split_once(';').ok_or("its content-disposition names no field")?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err("its content-disposition is not `form-data`");
    }
    let (mut name, mut file) = (None, false);
    for parameter in parameters(rest) {
        let (key, value) = parameter?;
        if key.eq_ignore_ascii_case("name*") {
            return Err("its field's name is written as RFC 5987 has it, which no form may");
        }
        if key.eq_ignore_ascii_case("name") && name.replace(value).is_some() {
            return Err("its content-disposition names two fields");
        }
        file |= key.eq_ignore_ascii_case("filename") || key.eq_ignore_ascii_case("filename*");
    }
    let name = name.ok_or("its content-disposition names no field")?;
    if name.contains('\\') {
        return Err("its field's name holds a backslash");
    }
    Ok(Head { name, is_file: file })
}

/// A value that would have to be decoded before anybody could read it.
fn plain_encoding(value: &str) -> Result<(), &'static str> {
    let is_plain = |plain: &&str| value.trim().eq_ignore_ascii_case(plain);
    let plain = ["binary", "8bit", "7bit"].iter().any(is_plain);
    plain.then_some(()).ok_or("it has a content-transfer-encoding, which no form may")
}

fn plain_charset(value: &str) -> Result<(), &'static str> {
    let Some((_, rest)) = value.split_once(';') else { return Ok(()) };
    for parameter in parameters(rest) {
        // What is sent as a file may be described as its sender likes.
        let Ok((key, charset)) = parameter else { return Ok(()) };
        let is_plain = ["utf-8", "us-ascii"].iter().any(|own| charset.eq_ignore_ascii_case(own));
        if key.eq_ignore_ascii_case("charset") && !is_plain {
            return Err("its charset is not UTF-8");
        }
    }
    Ok(())
}

/// The parameters of a header, with what is wrong with the first that cannot be read.
pub(super) fn parameters(text: &str) -> impl Iterator<Item = Result<(&str, String), &'static str>> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((key, value, behind)) = parameter(rest) else {
            rest = "";
            return Some(Err("a parameter of its head cannot be read"));
        };
        rest = behind;
        Some(Ok((key, value)))
    })
}

/// The first parameter, its value without quotes, and what stands behind the semicolon after it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (key, rest) = text.split_once('=')?;
    let (key, rest) = (key.trim(), rest.trim_start());
    if key.is_empty() || !key.bytes().all(is_token) {
        return None;
    }
    let (value, behind) = match rest.strip_prefix('"') {
        Some(quoted) => unquoted(quoted),
        None => bare(rest),
    }?;
    let behind = behind.trim_start();
    match behind.strip_prefix(';') {
        Some(more) => Some((key, value, more.trim())),
        None => behind.is_empty().then_some((key, value, "")),
    }
}

/// A value without quotes, and what stands behind it.
fn bare(text: &str) -> Option<(String, &str)> {
    let end = text.find(';').unwrap_or(text.len());
    let value = text[..end].trim_end();
    let is_bare = |byte: u8| byte > b' ' && byte != b'"' && byte != 0x7f;
    value.bytes().all(is_bare).then(|| (value.to_owned(), &text[end..]))
}

/// A quoted value, behind its first quote, and what stands behind its last. A quote within it has a
/// backslash before it; any other backslash is one, as in the names that browsers give files.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' if text[at + 1..].starts_with('"') => {
                value.push_str("\\\"");
                chars.next();
            }
            c => value.push(c),
        }
    }
    None
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
