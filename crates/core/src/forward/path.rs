//! Paths that are passed on: what they may be, and what they name.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{BadRequest, Kept, Thing};

/// Whoever encodes a path more often than this does it to hide something.
const MOST_DECODED: usize = 8;

/// The path below the version, which leads nowhere but down: what a vendor, or what stands before it,
/// could take for a way up or sideways is refused however it is written.
pub(super) fn below(path: &str) -> Result<&str, BadRequest> {
    let below = path.strip_prefix("/v1").filter(|below| below.starts_with('/'));
    below.filter(|below| is_straight(below)).ok_or_else(|| BadRequest {
        code: "invalid_proxy_path",
        ..BadRequest::new("the path is not one that is passed on")
    })
}

fn is_straight(path: &str) -> bool {
    let (mut path, slashes) = (Cow::Borrowed(path), path.matches('/').count());
    for _ in 0..MOST_DECODED {
        if !is_plain(&path) || path.matches('/').count() != slashes {
            return false;
        }
        let Ok(decoded) = percent_decode_str(&path).decode_utf8() else { return false };
        if decoded == path {
            return true;
        }
        path = Cow::Owned(decoded.into_owned());
    }
    false
}

/// Whether every segment is there, is no step up, and has nothing that somebody may take for a slash
/// or for parameters.
fn is_plain(path: &str) -> bool {
    let is_odd = |c: char| matches!(c, '\\' | ';' | '?' | '#') || c.is_control();
    let mut segments = path[1..].split('/');
    !path.contains(is_odd) && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

/// What a path is about that lives at one target.
pub(super) fn names(method: &Method, path: &str) -> Option<Thing> {
    /// Below `/responses`, and not the name of one.
    const OPERATIONS: [&str; 2] = ["input_tokens", "compact"];
    let mut segments = path[1..].split('/');
    let kind = match segments.next()? {
        "responses" => Kept::Response,
        "conversations" => Kept::Conversation,
        "files" | "uploads" => Kept::File,
        "batches" => Kept::Batch,
        _ => return None,
    };
    match segments.next() {
        Some(id) if kind == Kept::Response && OPERATIONS.contains(&id) => None,
        Some(id) => Thing::new(kind, id),
        None if kind == Kept::Response && *method == Method::POST => None,
        None => Some(Thing::any(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_down_however_it_is_written() {
        for path in ["/v1/files", "/v1/files/file-1/content", "/v1/x/a%20b", "/v1/x/a%C3%A9"] {
            assert_eq!(below(path).unwrap(), &path[3..]);
        }
        for path in [
            "/v1",
            "/v2/files",
            "/v1x/files",
            "/v1/",
            "/v1/../admin",
            "/v1/files/..",
            "/v1/./files",
            "/v1//files",
            "/v1/files/",
            "/v1/files/%2e%2e/admin",
            "/v1/files/%2E./admin",
            "/v1/files%2f..%2fadmin",
            "/v1/files/%252e%252e/admin",
            "/v1/files/%25252e%25252e/admin",
            "/v1/files\\..\\admin",
            "/v1/files/%5c..",
            "/v1/files;a=b/x",
            "/v1/files/%3Bx",
            "/v1/files/a%00b",
            "/v1/files/a%0d%0ab",
            "/v1/files/a%3Fb",
            "/v1/files/a%ff",
        ] {
            let bad = below(path).unwrap_err();
            assert_eq!((bad.code, bad.status.as_u16()), ("invalid_proxy_path", 400), "{path}");
        }
        let deep = (0..9).fold("%2e".to_owned(), |path, _| path.replace('%', "%25"));
        assert!(below(&format!("/v1/{deep}")).is_err(), "and has an end");
    }

    #[test]
    fn a_path_names_what_it_is_about() {
        let named = |method: Method, path: &str| {
            names(&method, path).map(|thing| (thing.kind, thing.id.into_string()))
        };
        let some = |kind, id: &str| Some((kind, id.to_owned()));
        assert_eq!(named(Method::GET, "/responses/resp_1"), some(Kept::Response, "resp_1"));
        assert_eq!(
            named(Method::GET, "/responses/resp_1/input_items"),
            some(Kept::Response, "resp_1")
        );
        assert_eq!(named(Method::POST, "/responses/input_tokens"), None);
        assert_eq!(named(Method::POST, "/responses/compact"), None);
        assert_eq!(named(Method::GET, "/files/f-1/content"), some(Kept::File, "f-1"));
        assert_eq!(named(Method::POST, "/files"), some(Kept::File, ""));
        assert_eq!(named(Method::POST, "/batches/b/cancel"), some(Kept::Batch, "b"));
        assert_eq!(named(Method::POST, "/conversations"), some(Kept::Conversation, ""));
        assert_eq!(named(Method::POST, "/fine_tuning/jobs"), None);
    }
}
