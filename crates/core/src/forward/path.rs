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

/// A batch of messages.
pub(super) const MESSAGE_BATCH: Kept = Kept::OfMessages("message batch");

/// All that are known, those within others first. Assistants and threads are none of them: their vendor has
/// ended them (<https://developers.openai.com/api/docs/deprecations>, read 2026-12).
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
    Collection::of("/fine_tuning/jobs", Kept::Other("fine-tuning job")).made_of("training_file"),
    Collection::of("/vector_stores", Kept::Other("vector store")).made_of("file_ids"),
    Collection::of("/containers", Kept::Other("container")).made_of("file_ids"),
    Collection::of("/evals", Kept::Other("eval")),
    Collection::of("/videos/characters", Kept::Other("character")),
    // One that is made of another is made below it.
    Collection {
        operations: &["edits", "extensions"],
        ..Collection::of("/videos", Kept::Other("video")).made_below()
    },
    Collection::of("/skills", Kept::Other("skill")),
    Collection::of("/audio/voices", Kept::Other("voice")),
    Collection::of("/audio/voice_consents", Kept::Other("voice consent")),
    Collection::of("/chatkit/sessions", Kept::Other("session")),
    Collection::of("/chatkit/threads", Kept::Other("thread")),
    Collection::of("/agents/automations", Kept::Other("automation")),
    Collection::of("/agents/environments/templates", Kept::Other("environment template")),
    Collection::of("/agents/environments", Kept::Other("environment")),
    Collection::of("/agents/sessions", Kept::Other("agent session")),
    Collection::of("/agents", Kept::Other("agent")),
    Collection::of("/vaults", Kept::Other("vault")),
    Collection::of("/messages/batches", MESSAGE_BATCH),
    Collection::of("/files", Kept::OfMessages("file")),
    Collection::of("/skills", Kept::OfMessages("skill")),
    Collection::of("/agents", Kept::OfMessages("agent")),
    Collection::of("/sessions", Kept::OfMessages("session")),
    Collection::of("/environments", Kept::OfMessages("environment")),
    Collection::of("/memory_stores", Kept::OfMessages("memory store")),
    Collection::of("/vaults", Kept::OfMessages("vault")),
    Collection::of("/deployments", Kept::OfMessages("deployment")),
    Collection::of("/dreams", Kept::OfMessages("dream")),
    Collection::of("/user_profiles", Kept::OfMessages("user profile")),
    Collection::of("/tunnels", Kept::OfMessages("tunnel")),
];

/// The collection that a path is in, and what follows its own. Where two have the path it is that of the
/// client's words: `in_messages` are those of whoever serves messages.
fn collection(path: &str, in_messages: bool) -> Option<(&'static Collection, &str)> {
    let below = |it: &Collection| {
        let below = path.strip_prefix(it.path)?;
        (below.is_empty() || below.starts_with('/')).then(|| below.trim_start_matches('/'))
    };
    let all = || COLLECTIONS.iter().filter_map(|it| Some((it, below(it)?)));
    let spoken = all().find(|(it, _)| it.kind.is_of_messages() == in_messages);
    spoken.or_else(|| all().next())
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
            some(Kept::Other("fine-tuning job"), "j")
        );
        assert_eq!(named(Method::GET, "/fine_tuning"), None);
        assert_eq!(named(Method::GET, "/fine_tuning/alpha/graders"), None);
        assert_eq!(
            named(Method::GET, "/vector_stores/v/files"),
            some(Kept::Other("vector store"), "v")
        );
        assert_eq!(named(Method::GET, "/messages/batches/b/results"), some(MESSAGE_BATCH, "b"));
        assert_eq!(named(Method::GET, "/filesystem"), None);
        assert_eq!(named(Method::GET, "/agents/a"), some(Kept::Other("agent"), "a"));
        assert_eq!(
            named(Method::GET, "/agents/environments/e/files"),
            some(Kept::Other("environment"), "e")
        );
        assert_eq!(named(Method::POST, "/videos/edits"), None);
        let own = names(&Method::GET, "/files/f", true).map(|thing| thing.kind);
        assert_eq!(
            own,
            Some(Kept::OfMessages("file")),
            "whoever speaks of messages has files of his own"
        );
    }

    #[test]
    fn what_is_made_is_of_the_collection_that_it_is_added_to() {
        let added = |method: Method, path: &str| {
            adds(&method, path, false).map(|collection| collection.kind)
        };
        assert_eq!(added(Method::POST, "/vector_stores"), Some(Kept::Other("vector store")));
        assert_eq!(added(Method::GET, "/vector_stores"), None);
        assert_eq!(added(Method::POST, "/vector_stores/v/files"), None, "those are files already");
        assert_eq!(added(Method::POST, "/videos/v/remix"), Some(Kept::Other("video")));
        assert_eq!(added(Method::POST, "/uploads/u/complete"), Some(Kept::File));
        assert_eq!(added(Method::POST, "/messages/batches"), Some(MESSAGE_BATCH));
    }
}
