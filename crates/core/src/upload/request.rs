//! A request that is a form with a file in it: the client's bytes, plus the few facts that routing
//! needs.

use std::{borrow::Cow, marker::PhantomData};

use ferro_wire::JsonDoc;
use http::{HeaderValue, header};

use super::{Fields, Upload};
use crate::{
    BadRequest, Inbound, Limits, Payload, Replay, Speaker, Subject,
    document::texts,
    excerpt,
    fields::{self, field},
};

/// A request of the surface `K`.
///
/// Invariant: the facts agree with the body, because each edit goes through a method that changes
/// both.
#[derive(Debug)]
pub struct UploadRequest<K> {
    body: Said,
    model: Box<str>,
    user: Option<Box<str>>,
    stream: bool,
    kind: PhantomData<fn() -> K>,
}

/// How the request is said.
#[derive(Debug)]
enum Said {
    Form(Box<Upload>),
    /// As a document, which names files by their addresses.
    Document(JsonDoc),
}

/// What is sent: a body with its content type, and its length if that is known.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outgoing {
    /// The body.
    pub payload: Payload,
    /// Its content type: a form's boundary stands in it.
    pub content_type: HeaderValue,
    /// Its length, if that is known.
    pub length: Option<u64>,
}

impl<K: Fields> UploadRequest<K> {
    /// Understands a body as it arrives.
    pub(super) async fn read(inbound: &mut Inbound, limits: &Limits) -> Result<Self, BadRequest> {
        if !K::DOCUMENTS.is_empty() && is_json(inbound.headers.get(header::CONTENT_TYPE)) {
            return Self::document(inbound.json(limits).await?);
        }
        Self::form(inbound.form(limits, K::EARLY).await?)
    }

    /// Understands a form.
    ///
    /// # Errors
    ///
    /// Names the field that is wrong.
    pub fn form(form: Upload) -> Result<Self, BadRequest> {
        let model = form.text("model")?.filter(|model| !model.is_empty());
        let model = fields::named_model(model.ok_or_else(|| form.missing("model"))?.into())?;
        for name in K::REQUIRED {
            if form.text(name)?.is_none_or(|text| text.is_empty()) {
                return Err(form.missing(name));
            }
        }
        for (name, _) in K::READS {
            form.text(name)?;
        }
        for name in K::COUNTS {
            count(name, form.text(name)?.as_deref())?;
        }
        let is_instead = |(name, is_file): (&str, bool)| !is_file && K::INSTEAD.contains(&name);
        if !form.has_file(K::FILE) && !form.fields().any(is_instead) {
            let message = format!("{} is required, as a file", K::FILE);
            return Err(BadRequest::field(K::FILE, message));
        }
        let stream = K::STREAMS && is_true("stream", &form.text("stream")?.unwrap_or_default())?;
        let user = form.text("user")?.map(Into::into);
        Ok(Self { body: Said::Form(Box::new(form)), model, user, stream, kind: PhantomData })
    }

    /// Understands a document.
    ///
    /// # Errors
    ///
    /// Names the field that is wrong, or says that the surface has forms only.
    pub fn document(doc: JsonDoc) -> Result<Self, BadRequest> {
        let files = K::DOCUMENTS.first().ok_or_else(|| {
            BadRequest::new("the request is to be a form (`multipart/form-data`), not JSON")
        })?;
        let model = fields::model(&doc)?;
        let lacks = |name: &&&'static str| fields::is_nothing(&doc, name);
        let has_files = K::DOCUMENTS.iter().any(|name| !lacks(&name));
        let missing = K::REQUIRED.iter().find(lacks).or((!has_files).then_some(files));
        if let Some(name) = missing {
            return Err(BadRequest::field(*name, format!("{name} is required")));
        }
        for (name, _) in K::READS {
            fields::check_readable(&doc, name)?;
        }
        for name in K::COUNTS {
            fields::positive(&doc, name)?;
        }
        let stream = K::STREAMS && field(&doc, "stream")?.unwrap_or(false);
        let user = field(&doc, "user")?;
        Ok(Self { body: Said::Document(doc), model, user, stream, kind: PhantomData })
    }

    /// The request for a vendor that knows the model by this name: the client's bytes but for that.
    pub fn outgoing(&self, model: &str) -> Outgoing {
        match &self.body {
            Said::Form(form) => {
                let (payload, length) = form.payload(&[("model", model)]);
                Outgoing { payload, content_type: form.content_type().clone(), length }
            }
            Said::Document(doc) => {
                let mut doc = doc.clone();
                if model != &*self.model {
                    doc.set("model", &model);
                }
                let payload = Payload::Rope(doc.to_rope());
                let content_type = HeaderValue::from_static("application/json");
                Outgoing { length: payload.length(), payload, content_type }
            }
        }
    }

    /// A field as text: of a form as it stands there, of a document where it is a string.
    pub fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        match &self.body {
            Said::Form(form) => form.text(name).ok()?,
            Said::Document(doc) => doc.get(name).ok()?.map(Cow::Owned),
        }
    }
}

impl<K: Fields> Subject for UploadRequest<K> {
    fn model(&self) -> &str {
        &self.model
    }

    fn set_model(&mut self, model: &str) {
        match &mut self.body {
            // One that would end its part is not sent: the target is asked for the client's own, and
            // refuses it.
            Said::Form(form) => drop(form.set("model", model)),
            Said::Document(doc) => doc.set("model", &model),
        }
        self.model = model.into();
    }

    fn wants_stream(&self) -> bool {
        self.stream
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn replay(&self) -> Replay {
        match &self.body {
            Said::Form(form) => form.replay(),
            Said::Document(_) => Replay::Any,
        }
    }

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        match &self.body {
            Said::Document(doc) => texts::see_all(doc, K::READS, see),
            Said::Form(form) => {
                for (name, speaker) in K::READS {
                    if let Some(text) = form.text(name)? {
                        see(*speaker, &text);
                    }
                }
            }
        }
        Ok(())
    }

    fn edit_texts(
        &mut self,
        edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        match &mut self.body {
            Said::Document(doc) => drop(texts::edit_all(doc, K::READS, edit)),
            Said::Form(form) => {
                for (name, speaker) in K::READS {
                    let edited = form.text(name)?.and_then(|text| edit(*speaker, &text));
                    if let Some(edited) = edited {
                        form.set(name, &edited)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let essence = content_type.map_or(&b""[..], |value| value.as_bytes());
    let essence = essence.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// A truth as forms have it.
fn is_true(name: &'static str, text: &str) -> Result<bool, BadRequest> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => {
            let message = format!("{name} is to be `true` or `false`, not `{}`", excerpt(text));
            Err(BadRequest::field(name, message))
        }
    }
}

/// A count that has to be more than nothing, where a form has it.
fn count(name: &'static str, text: Option<&str>) -> Result<(), BadRequest> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(()) };
    let message = match text.parse::<i64>() {
        Ok(1..) => return Ok(()),
        Ok(value) => format!("{name} must be positive, not {value}"),
        Err(_) => format!("{name} is `{}`, and is to be an integer", excerpt(text)),
    };
    Err(BadRequest::field(name, message))
}
