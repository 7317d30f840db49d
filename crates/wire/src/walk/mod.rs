//! The members of a JSON text, found in one pass that builds nothing.

use crate::plain;

/// Nested deeper than this, a text is left to another reader.
const MAX_DEPTH: u32 = 64;

/// A place in a JSON text: the short way through replies as vendors write them.
///
/// Whatever it takes is JSON (that its strings are UTF-8 is not looked at), and what it does not take
/// (a name that hides behind escapes, a text that is not JSON, one that is nested too deeply to be
/// worth it) it gives back as `None`, for serde to read, or to say what is wrong.
///
/// ```
/// use ferro_wire::Walk;
///
/// let (mut total, mut walk) = (None, Walk::new(br#"{"id":"1","total":5}"#));
/// walk.object(|name, walk| match name {
///     b"total" => walk.count(&mut total),
///     _ => walk.skip(),
/// });
/// assert_eq!((total, walk.is_over()), (Some(5), true));
/// ```
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Walk<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Shows each member's name to `see`, which steps over the value.
    #[inline]
    pub fn object(&mut self, mut see: impl FnMut(&'a [u8], &mut Self) -> Option<()>) -> Option<()> {
        self.nested(b'{', b'}', |walk| {
            let name = walk.name()?;
            walk.next(b':')?;
            see(name, walk)
        })
    }

    /// Has `see` step over each item.
    #[inline]
    pub fn array(&mut self, see: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.nested(b'[', b']', see)
    }

    /// Steps over a value.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' => self.nested(b'{', b'}', |walk| {
                walk.peek()?;
                walk.string()?;
                walk.next(b':')?;
                walk.skip()
            }),
            b'[' => self.array(Self::skip),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// Steps over a value and puts its text into `place`; nothing where it is `null`.
    pub fn say(&mut self, place: &mut Option<&'a [u8]>) -> Option<()> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        let said = &self.text[start..self.at];
        *place = Some(said).filter(|said| *said != b"null");
        Some(())
    }

    /// Steps over a count and puts it into `place`; nothing where it is `null`. A number that is none,
    /// one below zero or with a point, is not taken.
    #[inline]
    pub fn count(&mut self, place: &mut Option<u64>) -> Option<()> {
        if self.peek()? == b'n' {
            *place = None;
            return self.word(b"null");
        }
        let (start, mut count) = (self.at, 0_u64);
        while let Some(digit @ b'0'..=b'9') = self.text.get(self.at) {
            count = count.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.at += 1;
        }
        let is_whole = !matches!(self.text.get(self.at), Some(b'.' | b'e' | b'E'));
        let is_number = self.at == start + 1 || self.at > start && self.text[start] != b'0';
        (is_whole && is_number).then(|| *place = Some(count))
    }

    /// Whether the next value begins like this.
    #[inline]
    pub fn is_at(&mut self, first: u8) -> bool {
        self.peek() == Some(first)
    }

    /// Whether nothing follows.
    pub fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Steps over what stands between two brackets, with commas between.
    #[inline]
    fn nested(
        &mut self,
        open: u8,
        close: u8,
        mut see: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.next(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.peek()? != close {
            see(self)?;
            while self.peek()? == b',' {
                self.at += 1;
                see(self)?;
            }
        }
        self.depth -= 1;
        self.next(close)
    }

    /// A string without escapes, without its quotes.
    #[inline]
    fn name(&mut self) -> Option<&'a [u8]> {
        self.next(b'"')?;
        let rest = &self.text[self.at..];
        let length = plain(rest);
        let name = &rest[..length];
        (rest.get(length) == Some(&b'"')).then(|| self.at += length + 1)?;
        Some(name)
    }

    /// Steps over a string that begins here.
    #[inline]
    fn string(&mut self) -> Option<()> {
        (self.text.get(self.at) == Some(&b'"')).then(|| self.at += 1)?;
        self.at += plain(&self.text[self.at..]);
        if self.text.get(self.at) == Some(&b'"') {
            self.at += 1;
            return Some(());
        }
        self.escapes()
    }

    /// Steps to a string's end from an escape on.
    fn escapes(&mut self) -> Option<()> {
        loop {
            match self.text.get(self.at..)? {
                [b'"', ..] => break self.at += 1,
                [b'\\', b'u', a, b, c, d, ..] => {
                    [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
                    self.at += 6;
                }
                [b'\\', escaped, ..] if b"\"\\/bfnrt".contains(escaped) => self.at += 2,
                _ => return None,
            }
            self.at += plain(&self.text[self.at..]);
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        let start = self.at;
        self.digits()?;
        if self.text[start] == b'0' && self.at > start + 1 {
            return None;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    #[inline]
    fn next(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// The next byte that is not white space, which is where this stands then.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests;
