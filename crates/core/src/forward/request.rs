//! A request that is passed on as it is.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use ferro_wire::JsonDoc;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::path;
use crate::{
    Asked, BadRequest, Body, BodyError, ErrorKind, Inbound, Kept, Limits, Payload, ProviderError,
    Replay, Speaker, Subject, Thing,
    document::{Beside, texts},
    fields::{self, field, is_nothing},
};

/// The header in which a client says which target it means.
static X_PROVIDER: HeaderName = HeaderName::from_static("x-provider");

/// Who sends it speaks in the words of those who serve messages.
const VERSION_OF_MESSAGES: &str = "anthropic-version";

/// Headers that go along, besides the content's own: what is asked for, and in which version.
const TRAVELS: [&str; 5] =
    ["accept", "openai-beta", "anthropic-beta", "anthropic-version", "range"];

/// A request that is passed on as it is: its method, its path below the version, its query, its body.
pub struct ForwardRequest {
    method: Method,
    path: Box<str>,
    beside: Beside,
    content_type: Option<HeaderValue>,
    body: Said,
    /// Empty where the request names none.
    model: Box<str>,
    /// The target that the client means.
    provider: Option<Box<str>>,
    names: Option<Thing>,
    /// What a good answer tells of that was made.
    adds: Option<Kept>,
}

/// What a request's body is.
enum Said {
    /// Nothing.
    Nothing,
    /// JSON, which is held.
    Document(JsonDoc),
    /// Anything else: it is passed on as it arrives, to the first who is asked. Its length, if its
    /// sender told it.
    Passing(Mutex<Option<Body>>, Option<u64>),
}

impl ForwardRequest {
    /// Understands what arrives. Only JSON is read; whatever else there is passes as it comes.
    pub(super) async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<Self, BadRequest> {
        let Asked { method, uri } = inbound.asked.take().map(|it| *it).unwrap_or_default();
        let path: Box<str> = path::below(uri.path())?.into();
        let content_type = inbound.headers.get(header::CONTENT_TYPE).cloned();
        let body = if !has_body(&method, &inbound.headers) {
            Said::Nothing
        } else if is_json(content_type.as_ref()) {
            Said::Document(inbound.json(limits).await?)
        } else {
            let length = inbound.announced();
            let body = std::mem::replace(&mut inbound.body, stream::empty().boxed());
            Said::Passing(Mutex::new(Some(body)), length)
        };
        let provider = inbound.headers.get(&X_PROVIDER).and_then(|name| name.to_str().ok());
        let provider = provider.map(Into::into);
        let travels = inbound.headers.iter().filter(|(name, _)| TRAVELS.contains(&name.as_str()));
        let beside = Beside::new(travels, uri.query().unwrap_or_default());
        let in_messages = inbound.headers.contains_key(VERSION_OF_MESSAGES);
        let (mut model, mut names) = (Box::default(), path::names(&method, &path, in_messages));
        let adds_to = path::adds(&method, &path, in_messages);
        if let Said::Document(doc) = &body {
            if !is_nothing(doc, "model") {
                model = fields::model(doc)?;
            }
            let made_of = adds_to.and_then(|collection| collection.made_of);
            if let Some(member) = made_of {
                names = files(doc, member)?.or(names);
            }
        }
        let adds = adds_to.map(|collection| collection.kind);
        Ok(Self { method, path, beside, content_type, body, model, provider, names, adds })
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path below the version: `/files/file-1/content`. It leads nowhere but down.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers and the query that go along.
    pub fn beside(&self) -> &Beside {
        &self.beside
    }

    /// What the body is, if there is one.
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.content_type.as_ref().filter(|_| !matches!(self.body, Said::Nothing))
    }

    /// The kind of which a list is asked for, if one is.
    pub fn lists(&self) -> Option<Kept> {
        let all = self.names.as_ref().filter(|thing| thing.id.is_empty());
        all.filter(|_| self.method == Method::GET).map(|all| all.kind)
    }

    /// The kind of which one is made.
    pub fn adds(&self) -> Option<Kept> {
        self.adds
    }

    /// A parameter of the query, as it is written there.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.beside.query().split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(own, _)| *own == name).map(|(_, value)| value).next_back()
    }

    /// A request for the page of a list that follows `last`, with so many entries.
    pub(super) fn page(&self, last: &str, limit: usize) -> Self {
        /// What means nothing in a query.
        const PLAIN: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
        let kind = self.names.as_ref().map_or(Kept::File, |thing| thing.kind);
        let [after, _] = kind.cursors();
        let is_place = |pair: &&str| {
            pair.split('=').next().is_some_and(|name| name == "limit" || name == after)
        };
        let place = format!("limit={limit}&{after}={}", utf8_percent_encode(last, PLAIN));
        let query = self.beside.query().split('&').filter(|pair| !pair.is_empty());
        let query = query.filter(|pair| !is_place(pair)).chain([&*place]);
        let query = query.collect::<Vec<_>>().join("&");
        Self {
            method: Method::GET,
            path: self.path.clone(),
            beside: Beside::new(self.beside.headers(), &query),
            content_type: None,
            body: Said::Nothing,
            model: self.model.clone(),
            provider: None,
            names: self.names.clone(),
            adds: None,
        }
    }

    /// What is sent to a vendor that knows the model by this name, below the root of its API. The headers
    /// that its operator wants go before the client's, whose content it stays.
    ///
    /// # Errors
    ///
    /// The path cannot be one there.
    pub fn outbound(
        &self,
        root: &str,
        model: &str,
        headers: HeaderMap,
    ) -> Result<Request<Payload>, ProviderError> {
        let path = format!("{root}{}", self.path);
        let place: Uri = path.parse().map_err(|error| {
            let message = format!("`{path}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })?;
        let (payload, length) = self.payload(model);
        let mut outbound = Request::new(payload);
        *outbound.method_mut() = self.method.clone();
        *outbound.uri_mut() = self.beside.at(&place);
        *outbound.headers_mut() = headers;
        let headers = outbound.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        for (name, value) in self.beside.headers() {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(content_type) = self.content_type() {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        Ok(outbound)
    }

    /// What is sent to a vendor that knows the model by this name, and its length where that is known
    /// and cannot be seen from it. A body that passes does so once: who asks again sends one that
    /// breaks off.
    pub fn payload(&self, model: &str) -> (Payload, Option<u64>) {
        match &self.body {
            Said::Nothing => (Payload::empty(), None),
            Said::Document(doc) if model == &*self.model || self.model.is_empty() => {
                (doc.to_rope().into(), None)
            }
            Said::Document(doc) => {
                let mut doc = doc.clone();
                doc.set("model", model);
                (doc.to_rope().into(), None)
            }
            Said::Passing(body, length) => {
                let body = body.lock().unwrap_or_else(PoisonError::into_inner).take();
                let body = body.unwrap_or_else(|| stream::iter([Err(BodyError::Sent)]).boxed());
                (Payload::Stream(body), *length)
            }
        }
    }
}

/// The file, or the first of the files, that a member names.
fn files(doc: &JsonDoc, member: &'static str) -> Result<Option<Thing>, BadRequest> {
    let named = field::<Files>(doc, member)?.and_then(|files| match files {
        Files::One(file) => Some(file),
        Files::Several(files) => files.into_iter().next(),
    });
    Ok(named.and_then(|file| Thing::new(Kept::File, &file)))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Files {
    One(Box<str>),
    Several(Vec<Box<str>>),
}

impl fields::Kind for Files {
    const IS: &'static str = "a string, or a list of strings";
}

/// Whether a body comes with the request, by what its head says.
fn has_body(method: &Method, headers: &HeaderMap) -> bool {
    let is_empty = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length == "0");
    let is_announced = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    let usually = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    !is_empty && (is_announced || usually && headers.contains_key(header::CONTENT_TYPE))
}

fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let essence = content_type.and_then(|value| value.to_str().ok()?.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

impl Subject for ForwardRequest {
    fn model(&self) -> &str {
        &self.model
    }

    fn set_model(&mut self, model: &str) {
        if let Said::Document(doc) = &mut self.body
            && !self.model.is_empty()
        {
            doc.set("model", model);
            self.model = model.into();
        }
    }

    fn names(&self) -> Option<Thing> {
        self.names.clone()
    }

    fn asks(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// What changes something is not asked twice: nobody knows what it would do.
    fn replay(&self) -> Replay {
        let is_safe = self.method == Method::GET || self.method == Method::HEAD;
        if is_safe { Replay::Any } else { Replay::Once }
    }

    /// Every string of a document: nobody knows which of them a model reads.
    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        match &self.body {
            Said::Nothing => Ok(()),
            Said::Document(doc) => {
                texts::see_whole(doc, see);
                Ok(())
            }
            Said::Passing(..) => Err(BadRequest::new("this body passes without being read")),
        }
    }

    fn edit_texts(
        &mut self,
        edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        match &mut self.body {
            Said::Nothing => Ok(()),
            Said::Document(doc) => {
                if let Some(edited) = texts::edited_whole(doc, edit) {
                    *doc = JsonDoc::parse(edited)?;
                }
                Ok(())
            }
            Said::Passing(..) => Err(BadRequest::new("this body passes without being read")),
        }
    }
}

impl fmt::Debug for ForwardRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    async fn read(method: Method, uri: &str, kind: &str, body: &'static str) -> ForwardRequest {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", kind),
            ("x-provider", "mine"),
            ("cookie", "a=1"),
            ("openai-beta", "assistants=v2"),
        ] {
            headers.insert(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        let mut inbound = Inbound::new(headers, Bytes::from_static(body.as_bytes()))
            .with_asked(method, uri.parse().unwrap());
        ForwardRequest::read(&mut inbound, &Limits::default()).await.unwrap()
    }

    #[tokio::test]
    async fn a_document_keeps_its_bytes_but_for_the_models_name() {
        let body = r#"{ "model":"fast", "x":1e2 }"#;
        let mut request = read(Method::POST, "/v1/x?a=1&key=k", "application/json", body).await;
        assert_eq!((request.model(), request.path(), request.asks()), ("fast", "/x", Some("mine")));
        assert_eq!(request.beside().query(), "a=1");
        let along: Vec<_> = request.beside().headers().map(|(name, _)| name.as_str()).collect();
        assert_eq!(along, ["openai-beta"]);
        request.set_model("slow");
        let (Payload::Rope(sent), None) = request.payload("slower") else { panic!("it is held") };
        assert_eq!(sent.to_bytes(), r#"{ "model":"slower", "x":1e2 }"#);
        assert_eq!(request.replay(), Replay::Once);
    }

    #[tokio::test]
    async fn a_body_that_passes_does_so_once_and_is_not_read() {
        let request =
            read(Method::POST, "/v1/files", "multipart/form-data; boundary=x", "abc").await;
        assert_eq!(request.names(), Some(Thing::any(Kept::File)));
        assert!(request.texts(&mut |_, _| {}).is_err(), "policy that must see it refuses");
        let mut sent = Vec::new();
        for _ in 0..2 {
            let (Payload::Stream(mut body), Some(3)) = request.payload("") else {
                panic!("it passes")
            };
            sent.push(body.next().await.unwrap().ok());
        }
        assert_eq!(sent, [Some(Bytes::from_static(b"abc")), None]);
    }

    #[tokio::test]
    async fn a_batch_is_made_where_its_file_lives() {
        let body = r#"{"input_file_id":"file-1","endpoint":"/v1/chat/completions"}"#;
        let request = read(Method::POST, "/v1/batches", "application/json", body).await;
        assert_eq!(request.names(), Thing::new(Kept::File, "file-1"));
        let request = read(Method::GET, "/v1/batches/b-1", "application/json", "").await;
        assert_eq!(request.names(), Thing::new(Kept::Batch, "b-1"));
        assert_eq!((request.content_type(), request.replay()), (None, Replay::Any));
    }
}
