//! A form with files in it (`multipart/form-data`), as its client sent it.

mod arrive;
mod kinds;
mod request;

use std::{borrow::Cow, collections::BTreeMap, fmt::Debug};

use bytes::Bytes;
use ferro_wire::multipart::{Boundary, Part, Scanner};
use http::HeaderValue;

pub use self::{
    kinds::{ImageEdits, ImageVariations, Transcriptions, Translations},
    request::{Outgoing, UploadRequest},
};
use crate::{
    BadRequest, Payload, Provider, Replay, Serve, Speaker, SurfaceKind,
    held::{Edit, Held, Segment},
};

/// What the gateway reads of the requests of one surface whose requests are such forms.
pub trait Fields: Debug + Send + Sync + Sized + 'static {
    /// Which surface it is of.
    const KIND: SurfaceKind;
    /// The fields in which a model finds something to read, with who says it.
    const READS: &'static [(&'static str, Speaker)];
    /// The fields that must have arrived before a form is passed on that cannot be held, because what
    /// follows is decided by them or has to be seen by policy.
    const EARLY: &'static [&'static str];
    /// The field that must be there as a file.
    const FILE: &'static str = "file";
    /// The texts that may be there instead of it, as some vendors have them.
    const INSTEAD: &'static [&'static str] = &[];
    /// The texts that must be there, besides the model.
    const REQUIRED: &'static [&'static str] = &[];
    /// The fields that are counts of more than nothing, where they are there.
    const COUNTS: &'static [&'static str] = &[];
    /// Whether a reply comes as events where a request says that `stream` is `true`.
    const STREAMS: bool = false;
    /// The members in which a JSON document names the files by their addresses: one of them has to be
    /// there. None where the surface takes no documents.
    const DOCUMENTS: &'static [&'static str] = &[];

    /// Finds this surface on a provider.
    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>>
    where
        Self: crate::Surface;
}

/// A form: the client's bytes, and where in them which field lies.
///
/// It is sent byte for byte, but for the values that were set. Files are never looked into.
#[derive(Debug)]
pub struct Upload {
    content_type: HeaderValue,
    boundary: Boundary,
    parts: Vec<Part>,
    held: Held,
    /// New values, by the places of their parts.
    edits: BTreeMap<usize, Bytes>,
}

impl Upload {
    /// A form that is here already, with the content type that names its boundary.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn parse(content_type: HeaderValue, body: impl Into<Bytes>) -> Result<Self, BadRequest> {
        let body = body.into();
        let boundary = Boundary::of(content_type.to_str().unwrap_or_default())?;
        let mut scanner = Scanner::new(boundary.clone());
        scanner.push(&body)?;
        let parts = scanner.end()?.to_vec();
        let held = Held::new(vec![Segment::Bytes(body)]);
        Ok(Self { content_type, boundary, parts, held, edits: BTreeMap::new() })
    }

    /// The content type, with the boundary.
    pub fn content_type(&self) -> &HeaderValue {
        &self.content_type
    }

    /// How often it can be sent.
    pub fn replay(&self) -> Replay {
        self.held.replay()
    }

    /// The fields in their order, and whether each is a file.
    pub fn fields(&self) -> impl Iterator<Item = (&str, bool)> {
        self.parts.iter().map(|part| (part.name.as_str(), part.is_file))
    }

    /// Whether there is a file for this field; `name[]` is the same field, several times.
    pub fn has_file(&self, name: &str) -> bool {
        let is_it = |own: &str| own.strip_suffix("[]").unwrap_or(own) == name;
        self.parts.iter().any(|part| part.is_file && is_it(&part.name))
    }

    /// The text of a field that stands in a form once at most.
    ///
    /// # Errors
    ///
    /// It stands there twice, as a file, or is not UTF-8.
    pub fn text(&self, name: &'static str) -> Result<Option<Cow<'_, str>>, BadRequest> {
        let Some(index) = self.find(name)? else { return Ok(None) };
        self.text_of(index).map(Some)
    }

    /// Sets the text of a field that the form has.
    ///
    /// # Errors
    ///
    /// The form does not have it as a text, or the text would end its part.
    pub fn set(&mut self, name: &'static str, text: &str) -> Result<(), BadRequest> {
        let index = self.find(name)?.ok_or_else(|| self.missing(name))?;
        if self.boundary.is_in(text.as_bytes()) {
            let message = format!("{name} would hold the form's boundary");
            return Err(BadRequest::field(name, message));
        }
        self.edits.insert(index, Bytes::copy_from_slice(text.as_bytes()));
        Ok(())
    }

    /// What is sent, and how long it is if that is known: the form, in which the texts of these
    /// fields, where it has them, are others. A form whose boundary stands in one of them keeps its
    /// own.
    pub fn payload(&self, instead: &[(&'static str, &str)]) -> (Payload, Option<u64>) {
        let mut edits = self.edits.clone();
        for (name, text) in instead {
            if let Ok(Some(index)) = self.find(name)
                && !self.boundary.is_in(text.as_bytes())
            {
                edits.insert(index, Bytes::copy_from_slice(text.as_bytes()));
            }
        }
        let place = |(index, bytes)| -> Edit {
            let part: &Part = &self.parts[index];
            (part.place.clone(), bytes)
        };
        self.held.payload(&edits.into_iter().map(place).collect::<Vec<_>>())
    }

    /// A field that is required and is not there.
    pub fn missing(&self, name: &'static str) -> BadRequest {
        let message = match self.replay() {
            Replay::Any => format!("{name} is required"),
            Replay::Passing | Replay::Once => format!(
                "{name} is required before the file: the form is too large to be held here \
                 (spool_dir), and is passed on as it arrives"
            ),
        };
        BadRequest::field(name, message)
    }

    /// The place of the part that is this field's only one, a text.
    fn find(&self, name: &'static str) -> Result<Option<usize>, BadRequest> {
        let mut found = self.parts.iter().enumerate().filter(|(_, part)| part.name == name);
        let Some((index, part)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(BadRequest::field(name, format!("{name} stands in the form twice")));
        }
        if part.is_file {
            return Err(BadRequest::field(name, format!("{name} is to be a text, not a file")));
        }
        // A value whose end has not arrived is as good as none.
        Ok(part.is_whole.then_some(index))
    }

    fn text_of(&self, index: usize) -> Result<Cow<'_, str>, BadRequest> {
        let part = &self.parts[index];
        let value = self.edits.get(&index).map_or(part.value.as_slice(), |edit| edit);
        let text = std::str::from_utf8(value).map_err(|_| {
            BadRequest::field(part.name.clone(), format!("{} is not UTF-8", part.name))
        })?;
        Ok(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests;
