//! Pictures, sounds and documents in a request: where their bytes are, and what they are.

mod fetch;
mod hop;

use std::{borrow::Cow, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;

pub use fetch::FetchPolicy;
pub(crate) use fetch::needed;

/// Media that a vendor needs the bytes of, and a request says only where they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Need {
    /// Where it is: an `http` or `https` URL.
    pub url: Box<str>,
    /// Where the request says so, for errors: `messages[2].content[0].image_url.url`.
    pub field: Box<str>,
}

impl Need {
    /// What is at `url`, which stands in `field`.
    pub fn new(url: impl Into<Box<str>>, field: impl Into<Box<str>>) -> Self {
        Self { url: url.into(), field: field.into() }
    }
}

/// The media that were fetched for a call. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Media(Arc<[(Box<str>, Fetched)]>);

/// Media, fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fetched {
    /// What it is, by its first bytes, or as its host said where those do not tell.
    pub media_type: Box<str>,
    /// The whole of it.
    pub bytes: Bytes,
}

impl Fetched {
    /// The bytes in base64.
    pub fn base64(&self) -> String {
        BASE64_STANDARD.encode(&self.bytes)
    }
}

impl Media {
    /// These, by their URLs.
    pub fn new(fetched: impl IntoIterator<Item = (Box<str>, Fetched)>) -> Self {
        Self(fetched.into_iter().collect())
    }

    /// What was fetched from `url`.
    pub fn at(&self, url: &str) -> Option<&Fetched> {
        self.0.iter().find(|(from, _)| **from == *url).map(|(_, fetched)| fetched)
    }
}

/// A URL that holds what it names.
///
/// ```
/// use ferro_core::DataUrl;
/// let url = DataUrl::parse("data:image/png;base64,iVBORw0KGgo=").unwrap();
/// assert_eq!((url.media_type(), &*url.base64()), ("image/png", "iVBORw0KGgo="));
/// assert!(DataUrl::parse("https://example.com/cat.png").is_none());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataUrl<'a> {
    media_type: &'a str,
    is_base64: bool,
    data: &'a str,
}

impl<'a> DataUrl<'a> {
    /// Takes a `data:` URL apart; `None` for any other.
    pub fn parse(url: &'a str) -> Option<Self> {
        let scheme = url.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
        let (kind, data) = url[scheme.len()..].split_once(',')?;
        let (kind, is_base64) = match kind.rsplit_once(';') {
            Some((kind, "base64")) => (kind, true),
            _ => (kind, false),
        };
        let media_type = kind.split(';').next().unwrap_or_default().trim();
        let media_type = if media_type.is_empty() { "text/plain" } else { media_type };
        Some(Self { media_type, is_base64, data })
    }

    /// What it says that it holds.
    pub fn media_type(&self) -> &'a str {
        self.media_type
    }

    /// What it holds, in base64.
    pub fn base64(&self) -> Cow<'a, str> {
        if self.is_base64 {
            Cow::Borrowed(self.data)
        } else {
            Cow::Owned(BASE64_STANDARD.encode(unescaped(self.data)))
        }
    }

    /// What it holds; `None` if that is no base64.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        if self.is_base64 {
            BASE64_STANDARD.decode(self.data).ok()
        } else {
            Some(unescaped(self.data))
        }
    }

    /// What it holds, by its first bytes; as it says itself where those do not tell.
    pub fn sniffed(&self) -> &'a str {
        /// Enough for every mark that is known, and a multiple of four.
        const BEGINNING: usize = 64;
        let begins = if self.is_base64 {
            let end = self.data.len().min(BEGINNING) / 4 * 4;
            self.data.get(..end).and_then(|begins| BASE64_STANDARD.decode(begins).ok())
        } else {
            Some(unescaped(self.data))
        };
        begins.and_then(|bytes| sniff(&bytes)).unwrap_or(match self.media_type {
            "image/jpg" => "image/jpeg",
            said => said,
        })
    }
}

/// What bytes are, by how they begin; `None` if that does not tell.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 12] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"\xff\xfb", "audio/mpeg"),
        (b"\xff\xf3", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
        (b"OggS", "audio/ogg"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
    ];
    let inside = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    let riff = |form: &[u8]| inside(0, b"RIFF") && inside(8, form);
    match () {
        // These words begin texts as well, but no text goes on so.
        () if inside(0, b"BM") && inside(6, &[0; 4]) => Some("image/bmp"),
        () if inside(0, b"ID3") && bytes.get(3).is_some_and(|version| *version < 16) => {
            Some("audio/mpeg")
        }
        () if riff(b"WEBP") => Some("image/webp"),
        () if riff(b"WAVE") => Some("audio/wav"),
        () if inside(4, b"ftypavif") => Some("image/avif"),
        () if inside(4, b"ftyphei") || inside(4, b"ftypmif1") => Some("image/heic"),
        () if inside(4, b"ftypM4A") => Some("audio/mp4"),
        () if inside(4, b"ftypqt") => Some("video/quicktime"),
        () if inside(4, b"ftyp") => Some("video/mp4"),
        () => MARKS.iter().find(|(mark, _)| inside(0, mark)).map(|(_, kind)| *kind),
    }
}

/// The bytes that a URL escapes.
fn unescaped(data: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::with_capacity(data.len()), data.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        let byte = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_holds_is_known_by_its_bytes() {
        let png = BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n....");
        let sniffed = |url: &str| DataUrl::parse(url).unwrap().sniffed().to_owned();
        assert_eq!(sniffed(&format!("data:image/jpeg;base64,{png}")), "image/png");
        assert_eq!(sniffed("data:image/jpg;base64,AAAA"), "image/jpeg");
        assert_eq!(sniffed("DATA:;charset=utf-8,%25PDF-1.7"), "application/pdf");
        assert_eq!(sniffed("data:,hello"), "text/plain");
    }

    #[test]
    fn a_text_that_begins_like_a_mark_is_none() {
        assert_eq!(sniff(b"BM\x36\0\x0c\0\0\0\0\0\x36\0\0\0"), Some("image/bmp"));
        assert_eq!(sniff(b"ID3\x04\0\0"), Some("audio/mpeg"));
        for text in ["BMW builds cars.", "BM", "ID3 is a tag.", "ID3"] {
            assert_eq!(sniff(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_in_base64_is_put_into_it() {
        let url = DataUrl::parse("data:text/plain;charset=utf-8,a%20b%zz%").unwrap();
        assert_eq!(url.bytes().unwrap(), b"a b%zz%");
        assert_eq!(url.base64(), BASE64_STANDARD.encode("a b%zz%"));
        assert_eq!(DataUrl::parse("data:image/png;base64,@@").unwrap().bytes(), None);
        assert_eq!(DataUrl::parse("data:image/png"), None);
        assert_eq!(DataUrl::parse("\u{e9}ata:,x"), None);
    }

    #[test]
    fn what_was_fetched_is_found_by_its_url() {
        let fetched = Fetched { media_type: "image/png".into(), bytes: Bytes::from_static(b"x") };
        let media = Media::new([("https://h/x".into(), fetched)]);
        assert_eq!(media.at("https://h/x").unwrap().base64(), "eA==");
        assert!(media.at("https://h/y").is_none());
    }
}
