//! One event of a streamed reply, as policy sees it.

use std::marker::PhantomData;

use bytes::Bytes;
use ferro_wire::sse;

use super::{Says, reply::edited, texts};
use crate::{Delta, Finish, Malformed};

/// One event of a streamed reply of the form `F`: the bytes as they will be written, read on demand.
#[derive(Clone, Debug)]
pub struct DocumentEvent<F> {
    raw: Bytes,
    /// The event's data, joined; empty for a comment.
    data: Bytes,
    form: PhantomData<fn() -> F>,
}

impl<F: Says> DocumentEvent<F> {
    /// What the event says; nothing where it is a comment.
    pub fn data(&self) -> &Bytes {
        &self.data
    }
}

impl<F: Says> Delta for DocumentEvent<F> {
    fn read(event: Bytes) -> Result<Self, Malformed> {
        let data = sse::events(&event)
            .next()
            .map(|event| Bytes::from(event.data().into_owned()))
            .ok_or_else(|| Malformed("an event without an end".to_owned()))?;
        Ok(Self { raw: event, data, form: PhantomData })
    }

    fn write(self) -> Bytes {
        self.raw
    }

    fn texts(&self, see: &mut dyn FnMut(u32, &str)) {
        let json = String::from_utf8_lossy(&self.data);
        texts::told(F::SAYS, &json, &mut |choice, text, _| see(choice, text));
    }

    fn edit_texts(&mut self, edit: &mut dyn FnMut(u32, &str) -> Option<String>) {
        if let Some(edited) = edited::<F>(&self.data, edit) {
            let raw = sse::Event { raw: &self.raw }.with_data(&edited);
            (self.raw, self.data) = (raw.into(), edited);
        }
    }

    fn finish(&self, choice: u32) -> Option<Finish> {
        F::finish(&self.data, choice)
    }
}
