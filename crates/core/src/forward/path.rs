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

/// Where things of a kind are made, listed and asked for by their ids.
#[derive(Debug)]
pub(super) struct Collection {
    /// Its path.
    path: &'static str,
    pub(super) kind: Kept,
    /// Whether what is answered further below to a `POST` is one of them too.
    is_made_below: bool,
    /// The member of a request for a new one that names the file, or the files, that it is made of: it is
    /// made where those live.
    pub(super) made_of: Option<&'static str>,
    /// What stands in the place of an id, and is none.
    operations: &'static [&'static str],
}

impl Collection {
    const fn of(path: &'static str, kind: Kept) -> Self {
        Self { path, kind, is_made_below: false, made_of: None, operations: &[] }
    }

    const fn made_of(self, member: &'static str) -> Self {
        Self { made_of: Some(member), ..self }
    }

    const fn made_below(self) -> Self {
        Self { is_made_below: true, ..self }
    }
}

/// All that are known. Assistants and threads are none of them: their vendor has ended them
/// (<https://developers.openai.com/api/docs/deprecations>, read 2026-12).
const COLLECTIONS: &[Collection] = &[
    Collection {
        operations: &["input_tokens", "compact"],
        ..Collection::of("/responses", Kept::Response)
    },
    Collection::of("/conversations", Kept::Conversation),
    Collection::of("/files", Kept::File).made_below(),
    // An upload that is complete has become a file.
    Collection::of("/uploads", Kept::File).made_below(),
    Collection::of("/batches", Kept::Batch).made_of("input_file_id"),
    Collection::of("/fine_tuning/jobs", Kept::FineTuningJob).made_of("training_file"),
    Collection::of("/vector_stores", Kept::VectorStore).made_of("file_ids"),
    Collection::of("/containers", Kept::Container).made_of("file_ids"),
    Collection::of("/evals", Kept::Eval),
    // One that is made of another is made below it.
    Collection::of("/videos", Kept::Video).made_below(),
    Collection::of("/messages/batches", Kept::MessageBatch),
    Collection::of("/files", Kept::MessageFile).made_below(),
];

/// The collection that a path is in, and what follows its own; `in_messages` is whether the client speaks
/// in the words of those who serve messages, who have files of their own.
fn collection(path: &str, in_messages: bool) -> Option<(&'static Collection, &str)> {
    COLLECTIONS.iter().find_map(|it| {
        let below = path.strip_prefix(it.path)?;
        let is_in = below.is_empty() || below.starts_with('/');
        let is_spoken = it.path != "/files" || it.kind.is_of_messages() == in_messages;
        (is_in && is_spoken).then(|| (it, below.trim_start_matches('/')))
    })
}

/// What a path is about that lives at one target.
pub(super) fn names(method: &Method, path: &str, in_messages: bool) -> Option<Thing> {
    let (collection, below) = collection(path, in_messages)?;
    match below.split('/').next().unwrap_or_default() {
        "" if collection.kind == Kept::Response && *method == Method::POST => None,
        "" => Some(Thing::any(collection.kind)),
        operation if collection.operations.contains(&operation) => None,
        id => Thing::new(collection.kind, id),
    }
}

/// The collection that a request adds to.
pub(super) fn adds(method: &Method, path: &str, in_messages: bool) -> Option<&'static Collection> {
    let (collection, below) = collection(path, in_messages)?;
    let is_made = below.is_empty() || collection.is_made_below;
    (is_made && *method == Method::POST).then_some(collection)
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
            names(&method, path, false).map(|thing| (thing.kind, thing.id.into_string()))
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
        assert_eq!(
            named(Method::GET, "/fine_tuning/jobs/j/events"),
            some(Kept::FineTuningJob, "j")
        );
        assert_eq!(named(Method::GET, "/fine_tuning"), None);
        assert_eq!(named(Method::GET, "/fine_tuning/alpha/graders"), None);
        assert_eq!(named(Method::GET, "/vector_stores/v/files"), some(Kept::VectorStore, "v"));
        assert_eq!(
            named(Method::GET, "/messages/batches/b/results"),
            some(Kept::MessageBatch, "b")
        );
        assert_eq!(named(Method::GET, "/filesystem"), None);
        let own = names(&Method::GET, "/files/f", true).map(|thing| thing.kind);
        assert_eq!(own, Some(Kept::MessageFile), "whoever speaks of messages has files of his own");
    }

    #[test]
    fn what_is_made_is_of_the_collection_that_it_is_added_to() {
        let added = |method: Method, path: &str| {
            adds(&method, path, false).map(|collection| collection.kind)
        };
        assert_eq!(added(Method::POST, "/vector_stores"), Some(Kept::VectorStore));
        assert_eq!(added(Method::GET, "/vector_stores"), None);
        assert_eq!(added(Method::POST, "/vector_stores/v/files"), None, "those are files already");
        assert_eq!(added(Method::POST, "/videos/v/remix"), Some(Kept::Video));
        assert_eq!(added(Method::POST, "/uploads/u/complete"), Some(Kept::File));
        assert_eq!(added(Method::POST, "/messages/batches"), Some(Kept::MessageBatch));
    }
}
