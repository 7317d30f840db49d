//! A form with files in it (`multipart/form-data`), as its client sent it.

mod arrive;

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use ferro_wire::multipart::{Boundary, Part};
use http::HeaderValue;

pub(crate) use self::arrive::Early;
use crate::{
    BadRequest, Payload, Replay,
    held::{Edit, Held},
};

/// A form: the client's bytes, and where in them which field lies.
///
/// It is sent byte for byte, but for the values that were set. Files are never looked into.
#[derive(Debug)]
pub struct Form {
    content_type: HeaderValue,
    boundary: Boundary,
    parts: Vec<Part>,
    held: Held,
    /// New values, by the places of their parts.
    edits: BTreeMap<usize, Bytes>,
}

impl Form {
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
            Replay::Once => format!(
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
