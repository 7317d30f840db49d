//! A JSON object as bytes, with an index of its fields: edits are spliced, every other byte stays.

mod error;
mod scanner;
mod utf8;

use std::{borrow::Cow, ops::Range, sync::Arc};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Rope, append_member, plain::says_itself};
pub use error::{FieldError, JsonError, JsonErrorKind};
pub(crate) use scanner::{LANE, marks_of_lane, none_marked};
pub use scanner::{MAX_DEPTH, MAX_FIELDS, Scanner};

/// So few names are compared each with each; more are put in order.
const FEW: usize = 12;

/// A JSON object that keeps its bytes.
///
/// The grammar is checked once, when it is made; so are UTF-8, depth, and that no top-level field
/// stands there twice (however it is escaped), because a scanner and an upstream that disagree on
/// which of two `model`s counts would let a request through under another's name.
#[derive(Clone, Debug)]
pub struct JsonDoc {
    raw: Rope,
    fields: Arc<[Field]>,
    /// Bit k: a field's name has k bytes, counted around at 64; all of them where a name is not written
    /// as it is. Most fields that are asked for are not there, which is told by this.
    lengths: u64,
    /// Sorted by place; at most one per field. Members that are new stand behind all of them.
    edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
struct Field {
    /// The name between its quotes, as written.
    key: Range<usize>,
    value: Range<usize>,
    /// The name without its escapes, where it has any: it is compared at every look-up.
    unescaped: Option<Box<[u8]>>,
}

#[derive(Clone, Debug)]
enum Edit {
    /// The value of the field at this index is another.
    Value(usize, Bytes),
    /// The field at this index is gone.
    Gone(usize),
    /// A field that was not there.
    New(Box<str>, Bytes),
}

impl JsonDoc {
    /// Reads an object.
    pub fn parse(raw: impl Into<Rope>) -> Result<Self, JsonError> {
        let raw = raw.into();
        let mut scanner = Scanner::default();
        for part in raw.parts() {
            scanner.push(part)?;
        }
        scanner.finish(raw)
    }

    /// A document whose grammar was checked, and whose fields stand where they are said to stand.
    fn indexed(raw: Rope, fields: &[Field]) -> Result<Self, JsonError> {
        let read =
            |field: &Field| Field { unescaped: unescaped(&raw, &field.key), ..field.clone() };
        let fields: Arc<[Field]> = fields.iter().map(read).collect();
        let lengths = fields.iter().fold(0, |lengths, field| match field.unescaped {
            None => lengths | length_bit(field.key.len()),
            Some(_) => u64::MAX,
        });
        let doc = Self { raw, fields, lengths, edits: Vec::new() };
        doc.refuse_duplicates()?;
        Ok(doc)
    }

    /// How many bytes the document has, after edits; what separates a member that was added or taken out
    /// is not counted.
    pub fn size(&self) -> usize {
        self.edits.iter().fold(self.raw.len(), |size, edit| match edit {
            Edit::Value(index, json) => size - self.fields[*index].value.len() + json.len(),
            Edit::Gone(index) => size - self.fields[*index].value.len(),
            Edit::New(name, json) => size + name.len() + json.len(),
        })
    }

    /// The names of the fields as they were read, unescaped.
    pub fn keys(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.fields.iter().map(|field| self.key(field))
    }

    /// Whether there is such a field.
    pub fn contains(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The text of a field's value, after edits.
    pub fn text(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        let Some(index) = self.find(name) else {
            return self.edits.iter().find_map(|edit| match edit {
                Edit::New(key, value) if **key == *name => Some(Cow::Borrowed(&value[..])),
                _ => None,
            });
        };
        match self.edit_of(index) {
            Some(Edit::Value(_, value)) => Some(Cow::Borrowed(value)),
            Some(_) => None,
            None => Some(self.raw.get(self.fields[index].value.clone())),
        }
    }

    /// The first two bytes of a field's value that are no white space, after edits; 0 where it has no
    /// second.
    pub fn opening(&self, name: &str) -> Option<[u8; 2]> {
        fn first(bytes: impl Iterator<Item = u8>) -> Option<[u8; 2]> {
            let mut solid = bytes.filter(|byte| !byte.is_ascii_whitespace());
            Some([solid.next()?, solid.next().unwrap_or(0)])
        }
        match self.find(name).filter(|index| self.edit_of(*index).is_none()) {
            Some(index) => {
                let value = self.fields[index].value.clone();
                first(self.raw.bytes_from(value.start).take(value.len()))
            }
            None => first(self.text(name)?.iter().copied()),
        }
    }

    /// Like [`text`](Self::text), in pieces that share the document's storage: a long value that
    /// arrived in several is not copied.
    pub fn pieces(&self, name: &str) -> Option<Rope> {
        match self.find(name).filter(|index| self.edit_of(*index).is_none()) {
            Some(index) => Some(self.raw.slice(self.fields[index].value.clone())),
            None => self.text(name).map(|text| text.into_owned().into()),
        }
    }

    /// A field's value as a type; `None` where it is absent or null.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FieldError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        serde_json::from_slice(&text).map_err(|source| FieldError { name: name.to_owned(), source })
    }

    /// Gives a field another value; appends the field if it is not there.
    ///
    /// # Panics
    ///
    /// If `value` cannot be said in JSON (a map whose keys are not strings).
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        let json = serde_json::to_vec(value).expect("the value can be said in JSON");
        self.set_text(name, json.into());
    }

    /// Like [`set`](Self::set), for a value that is JSON text already.
    pub fn set_text(&mut self, name: &str, json: Bytes) {
        if let Some(index) = self.find(name) {
            self.put(index, Edit::Value(index, json));
        } else {
            self.forget_new(name);
            self.edits.push(Edit::New(name.into(), json));
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) {
        match self.find(name) {
            Some(index) => self.put(index, Edit::Gone(index)),
            None => self.forget_new(name),
        }
    }

    /// The document: what was not edited, byte for byte.
    pub fn to_rope(&self) -> Rope {
        if self.edits.is_empty() {
            return self.raw.clone();
        }
        let (mut out, mut at) = (Rope::default(), 0);
        for edit in &self.edits {
            match edit {
                Edit::Value(index, json) => {
                    let value = &self.fields[*index].value;
                    out.append(self.raw.slice(at..value.start));
                    out.push(json.clone());
                    at = value.end;
                }
                Edit::Gone(index) => {
                    let gone = self.extent(*index);
                    out.append(self.raw.slice(at..gone.start.max(at)));
                    at = gone.end.max(at);
                }
                Edit::New(..) => {}
            }
        }
        out.append(self.raw.slice(at..self.raw.len()));
        for edit in &self.edits {
            if let Edit::New(name, json) = edit {
                out = append_member(&out, name, json).expect("an object ends with a brace");
            }
        }
        out
    }

    /// What to take out with a field: up to the next one; or, where no field after it stays, from
    /// the end of the one before, so that no comma is left over.
    fn extent(&self, index: usize) -> Range<usize> {
        let own = &self.fields[index];
        let one_stays = (index + 1..self.fields.len()).any(|after| !self.is_gone(after));
        if one_stays {
            return own.key.start - 1..self.fields[index + 1].key.start - 1;
        }
        let before = index.checked_sub(1).map(|before| self.fields[before].value.end);
        before.unwrap_or(own.key.start - 1)..own.value.end
    }

    fn is_gone(&self, index: usize) -> bool {
        matches!(self.edit_of(index), Some(Edit::Gone(_)))
    }

    fn put(&mut self, index: usize, edit: Edit) {
        let place = self.edits.partition_point(|other| other.place() < index);
        match self.edits.get_mut(place) {
            Some(other) if other.place() == index => *other = edit,
            _ => self.edits.insert(place, edit),
        }
    }

    fn edit_of(&self, index: usize) -> Option<&Edit> {
        self.edits.iter().find(|edit| edit.place() == index)
    }

    fn forget_new(&mut self, name: &str) {
        self.edits.retain(|edit| !matches!(edit, Edit::New(key, _) if **key == *name));
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.lengths & length_bit(name.len()) == 0 {
            return None;
        }
        self.fields.iter().position(|field| match &field.unescaped {
            None if field.key.len() != name.len() => false,
            None => *self.raw.get(field.key.clone()) == *name.as_bytes(),
            Some(own) => **own == *name.as_bytes(),
        })
    }

    fn key<'a>(&'a self, field: &'a Field) -> Cow<'a, [u8]> {
        match &field.unescaped {
            Some(name) => Cow::Borrowed(name),
            None => self.raw.get(field.key.clone()),
        }
    }

    fn refuse_duplicates(&self) -> Result<(), JsonError> {
        let twice =
            if self.fields.len() > FEW { self.twice_of_many() } else { self.twice_of_few() };
        let Some(place) = twice else { return Ok(()) };
        let field = self.fields.iter().find(|field| field.key.start == place);
        let name = field.map(|field| String::from_utf8_lossy(&self.key(field)).into_owned());
        let kind = JsonErrorKind::Duplicate(name.unwrap_or_default());
        Err(JsonError { kind, offset: place })
    }

    /// Where a name stands for the second time: each is compared with those before it.
    fn twice_of_few(&self) -> Option<usize> {
        let mut fields = self.fields.iter().enumerate();
        let twice = fields.find(|(index, field)| {
            let name = self.key(field);
            self.fields[..*index].iter().any(|before| {
                let is_as_long = before.key.len() == field.key.len();
                let is_escaped = before.unescaped.is_some() || field.unescaped.is_some();
                (is_as_long || is_escaped) && self.key(before) == name
            })
        });
        twice.map(|(_, field)| field.key.start)
    }

    fn twice_of_many(&self) -> Option<usize> {
        let fields = self.fields.iter();
        let mut names: Vec<_> = fields.map(|field| (self.key(field), field.key.start)).collect();
        names.sort_unstable();
        let twice = names.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        twice.map(|pair| pair[1].1).min()
    }
}

impl Edit {
    fn place(&self) -> usize {
        match self {
            Self::Value(index, _) | Self::Gone(index) => *index,
            Self::New(..) => usize::MAX,
        }
    }
}

fn length_bit(length: usize) -> u64 {
    1 << (length % 64)
}

/// A name without its escapes; `None` if it has none, or half a surrogate pair: that is no string,
/// and can only be compared as written.
fn unescaped(raw: &Rope, key: &Range<usize>) -> Option<Box<[u8]>> {
    if says_itself(&raw.get(key.clone())) {
        return None;
    }
    let quoted = raw.get(key.start - 1..key.end + 1);
    let name = serde_json::from_slice::<String>(&quoted).ok()?;
    Some(name.into_bytes().into())
}

#[cfg(test)]
mod tests;
