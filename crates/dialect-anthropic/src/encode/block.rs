//! One block of content, and how it is written.

use std::borrow::Cow;

use ferro_core::chat::Text;
use ferro_wire::write_string;
use serde_json::value::RawValue;

use super::schema::next;

/// A block of content.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: Kind<'a>,
    /// Where the vendor may end what it caches.
    pub(super) cache: Option<&'a RawValue>,
}

/// What a block holds.
#[derive(Clone, Debug)]
pub(super) enum Kind<'a> {
    Text {
        text: Cow<'a, str>,
        citations: Option<&'a RawValue>,
    },
    Thinking {
        text: &'a str,
        signature: &'a str,
    },
    Redacted {
        data: &'a str,
    },
    Media(Medium<'a>),
    Call {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        input: Cow<'a, str>,
        /// What the vendor wants to have back with it, as JSON.
        own: Vec<(&'static str, &'a str)>,
    },
    Result {
        id: Cow<'a, str>,
        content: Vec<Block<'a>>,
        is_error: bool,
    },
    /// A block in the vendor's own words: its type and its other members.
    Own {
        named: &'a str,
        members: &'a [(Text<'a>, &'a RawValue)],
    },
    /// The same, as it stands.
    Raw(Cow<'a, str>),
}

/// An image or a document.
#[derive(Clone, Debug)]
pub(super) struct Medium<'a> {
    pub(super) is_image: bool,
    pub(super) source: Source<'a>,
    pub(super) title: Option<&'a str>,
    /// What clients say of it in the vendor's own words.
    pub(super) extra: Vec<(&'a str, &'a RawValue)>,
}

/// Where a medium is.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    Base64 { media_type: Cow<'a, str>, data: Cow<'a, str> },
    Text(String),
    Url(&'a str),
    File(&'a str),
}

/// How many of the first marks for the cache are left out, because the vendor takes only so many.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) left_out: usize,
}

impl<'a> Block<'a> {
    pub(super) fn new(kind: Kind<'a>) -> Self {
        Self { kind, cache: None }
    }

    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Kind::Text { text: text.into(), citations: None })
    }

    pub(super) fn cached(self, cache: Option<&'a RawValue>) -> Self {
        Self { cache, ..self }
    }

    /// Whether it is a text that the vendor would refuse for saying nothing.
    pub(super) fn is_blank(&self) -> bool {
        matches!(&self.kind, Kind::Text { text, .. } if text.trim().is_empty())
    }

    pub(super) fn is_result(&self) -> bool {
        match &self.kind {
            Kind::Result { .. } => true,
            Kind::Own { named, .. } => *named == "tool_result",
            _ => false,
        }
    }

    /// The text, where that is all there is to the block.
    pub(super) fn bare_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text { text, citations: None } if self.cache.is_none() => Some(text),
            _ => None,
        }
    }

    /// How many marks for the cache it carries.
    pub(super) fn marks(&self) -> usize {
        let inside = match &self.kind {
            Kind::Result { content, .. } => content.iter().map(Self::marks).sum(),
            _ => 0,
        };
        inside + usize::from(self.cache.is_some())
    }

    pub(super) fn write(&self, out: &mut Vec<u8>, marks: &mut Marks) {
        match &self.kind {
            Kind::Text { text, citations } => {
                out.extend_from_slice(b"{\"type\":\"text\"");
                string(out, "text", text);
                raw(out, "citations", *citations);
            }
            Kind::Thinking { text, signature } => {
                out.extend_from_slice(b"{\"type\":\"thinking\"");
                string(out, "thinking", text);
                string(out, "signature", signature);
            }
            Kind::Redacted { data } => {
                out.extend_from_slice(b"{\"type\":\"redacted_thinking\"");
                string(out, "data", data);
            }
            Kind::Media(medium) => medium.write(out),
            Kind::Call { id, name, input, own } => {
                out.extend_from_slice(b"{\"type\":\"tool_use\"");
                string(out, "id", id);
                string(out, "name", name);
                out.extend_from_slice(b",\"input\":");
                out.extend_from_slice(input.as_bytes());
                for (name, json) in own {
                    next(out, name);
                    out.extend_from_slice(json.as_bytes());
                }
            }
            Kind::Result { id, content, is_error } => {
                out.extend_from_slice(b"{\"type\":\"tool_result\"");
                string(out, "tool_use_id", id);
                if !content.is_empty() {
                    out.extend_from_slice(b",\"content\":");
                    write_content(out, content, marks);
                }
                if *is_error {
                    out.extend_from_slice(b",\"is_error\":true");
                }
            }
            Kind::Own { named, members } => {
                out.extend_from_slice(b"{\"type\":");
                write_string(out, named);
                members.iter().for_each(|(name, value)| raw(out, name, Some(value)));
            }
            Kind::Raw(json) => return out.extend_from_slice(json.as_bytes()),
        }
        raw(out, "cache_control", marks.pass(self.cache));
        out.push(b'}');
    }
}

impl Medium<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let named = if self.is_image { "image" } else { "document" };
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(named.as_bytes());
        out.extend_from_slice(b"\",\"source\":{\"type\":\"");
        match &self.source {
            Source::Base64 { media_type, data } => {
                out.extend_from_slice(b"base64\"");
                string(out, "media_type", media_type);
                string(out, "data", data);
            }
            Source::Text(text) => {
                out.extend_from_slice(b"text\",\"media_type\":\"text/plain\"");
                string(out, "data", text);
            }
            Source::Url(url) => {
                out.extend_from_slice(b"url\"");
                string(out, "url", url);
            }
            Source::File(id) => {
                out.extend_from_slice(b"file\"");
                string(out, "file_id", id);
            }
        }
        out.push(b'}');
        if let Some(title) = self.title.filter(|_| !self.is_image) {
            string(out, "title", title);
        }
        self.extra.iter().for_each(|(name, value)| raw(out, name, Some(value)));
    }
}

impl Marks {
    /// The mark, unless it is one of those that are left out.
    pub(super) fn pass<'a>(&mut self, cache: Option<&'a RawValue>) -> Option<&'a RawValue> {
        let cache = cache?;
        match self.left_out.checked_sub(1) {
            Some(fewer) => {
                self.left_out = fewer;
                None
            }
            None => Some(cache),
        }
    }
}

/// Blocks as a list; as a text alone, if they are nothing else.
pub(super) fn write_content(out: &mut Vec<u8>, blocks: &[Block<'_>], marks: &mut Marks) {
    if let [only] = blocks
        && let Some(text) = only.bare_text()
    {
        return write_string(out, text);
    }
    out.push(b'[');
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        block.write(out, marks);
    }
    out.push(b']');
}

/// A member that is a text.
pub(super) fn string(out: &mut Vec<u8>, name: &str, text: &str) {
    out.push(b',');
    write_string(out, name);
    out.push(b':');
    write_string(out, text);
}

/// A member that is JSON already.
pub(super) fn raw(out: &mut Vec<u8>, name: &str, json: Option<&RawValue>) {
    if let Some(json) = json {
        out.push(b',');
        write_string(out, name);
        out.push(b':');
        out.extend_from_slice(json.get().as_bytes());
    }
}
