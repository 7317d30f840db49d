//! The members of a reply, found in one pass that builds nothing.
//!
//! This is the short way for replies as vendors write them: whatever it takes is JSON, and what it
//! does not take (a name that hides behind escapes, a text that is not JSON, one that is nested too
//! deeply to be worth it) it gives back as `None`, for serde to read, or to say what is wrong.

/// Nested deeper than this, a text is left to serde.
const MAX_DEPTH: u32 = 64;

/// A place in a JSON text.
pub(crate) struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Shows each member's name to `see`, which steps over the value.
    pub(crate) fn object(
        &mut self,
        mut see: impl FnMut(&'a [u8], &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.nested(b'{', b'}', |walk| {
            let name = walk.string()?;
            walk.next(b':')?;
            see(&name[1..name.len() - 1], walk)
        })
    }

    /// Has `see` step over each item.
    pub(crate) fn array(&mut self, see: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.nested(b'[', b']', see)
    }

    /// Steps over a value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.any_string(),
            b'{' => self.nested(b'{', b'}', |walk| {
                walk.peek()?;
                walk.any_string()?;
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
    pub(crate) fn say(&mut self, place: &mut Option<&'a str>) -> Option<()> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        let said = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        *place = Some(said).filter(|said| *said != "null");
        Some(())
    }

    /// Whether the next value begins like this.
    pub(crate) fn is_at(&mut self, first: u8) -> bool {
        self.peek() == Some(first)
    }

    /// Whether nothing follows.
    pub(crate) fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Steps over what stands between two brackets, with commas between.
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

    /// A string without escapes, with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.next(b'"')?;
        let start = self.at - 1;
        self.at += plain(&self.text[self.at..]);
        (self.text.get(self.at) == Some(&b'"')).then(|| self.at += 1)?;
        Some(&self.text[start..self.at])
    }

    /// Steps over a string that begins here.
    fn any_string(&mut self) -> Option<()> {
        (self.text.get(self.at) == Some(&b'"')).then(|| self.at += 1)?;
        loop {
            self.at += plain(&self.text[self.at..]);
            match self.text.get(self.at..)? {
                [b'"', ..] => break self.at += 1,
                [b'\\', b'u', a, b, c, d, ..] => {
                    [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
                    self.at += 6;
                }
                [b'\\', escaped, ..] if b"\"\\/bfnrt".contains(escaped) => self.at += 2,
                _ => return None,
            }
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

    fn next(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// The next byte that is not white space, which is where this stands then.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }
}

/// How many bytes of a string there are before one that means something.
fn plain(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    text.len() - rest.len() + rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len())
}

/// Marks the first of eight bytes that is a quote, a backslash or a control character with its
/// highest bit; bytes behind it may be marked too.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    fn takes(text: &[u8]) -> bool {
        let mut walk = Walk::new(text);
        walk.skip().is_some() && walk.is_over()
    }

    #[test]
    fn json_is_taken() {
        for text in [
            r#" { "a" : [ 1 , -0.5e+10, true, false, null, "", {} ], "b":{"c":[]} } "#,
            r#""a long text with \"escapes\", \u00e9 and \n, and more than one block of it""#,
            "0",
        ] {
            assert!(takes(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_not_taken() {
        for text in [
            "",
            "{",
            "{}}",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[1 2]",
            "01",
            "-",
            "1.",
            "1e",
            "nul",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"",
            "[\"a\":1]",
            "{\"a\"}",
            "tru e",
        ] {
            assert!(!takes(text.as_bytes()), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(!takes(deep.as_bytes()), "nor is the stack ever exhausted");
    }

    #[test]
    fn the_first_byte_that_means_something_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut text = [[0x20, 0x7f, 0x80, 0xff]; 6].concat();
                text[at] = byte;
                let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain(&text), if is_special { at } else { text.len() }, "{byte} {at}");
            }
        }
    }

    #[test]
    fn members_are_shown_in_their_order() {
        let mut seen = Vec::new();
        let text = br#"{"a":1,"b" : "x" ,"c":[null,{"d":2}],"e":null}"#;
        Walk::new(text).object(|name, walk| {
            let mut said = None;
            walk.say(&mut said)?;
            seen.push((name, said));
            Some(())
        });
        let expected: [(&[u8], _); 4] = [
            (b"a", Some("1")),
            (b"b", Some("\"x\"")),
            (b"c", Some("[null,{\"d\":2}]")),
            (b"e", None),
        ];
        assert_eq!(seen, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_taken_that_serde_refuses(
            text in r#"([\[\]{},:"\\0-9a-eE.+\- \n]|true|null|"a":|\\u00e9|"b"){0,12}"#,
        ) {
            if takes(text.as_bytes()) {
                prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{text}");
            }
        }
    }
}
