//! JSON written member by member, without a tree in between.

use ferro_wire::write_string;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// A member whose value is written next, by whoever takes what is returned.
    pub(super) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        separate(self.out, &mut self.is_empty);
        write_string(self.out, name);
        self.out.push(b':');
        self.out
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        write_string(self.member(name), value);
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, name: &str, json: &[u8]) {
        self.member(name).extend_from_slice(json);
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// A list of objects that is being written.
pub(super) struct List<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> List<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'[');
        Self { out, is_empty: true }
    }

    pub(super) fn object(&mut self) -> Object<'_> {
        separate(self.out, &mut self.is_empty);
        Object::begin(self.out)
    }

    /// An object of this type, with one text.
    pub(super) fn part(&mut self, kind: &str, name: &str, text: &str) {
        let mut part = self.object();
        part.text("type", kind);
        part.text(name, text);
        part.end();
    }

    pub(super) fn end(self) {
        self.out.push(b']');
    }
}

fn separate(out: &mut Vec<u8>, is_empty: &mut bool) {
    if !std::mem::replace(is_empty, false) {
        out.push(b',');
    }
}
