//! What a message holds: a text, or parts of several kinds.

use std::{fmt, slice};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, SeqAccess, Visitor,
        value::{BorrowedBytesDeserializer, BytesDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::value::RawValue;

use crate::chat::{Text, members::members};

/// A message's content.
#[derive(Clone, Debug)]
pub enum Content<'a> {
    /// A text.
    Text(Text<'a>),
    /// Parts, in order.
    Parts(Vec<Part<'a>>),
}

impl<'a> Content<'a> {
    /// The parts; none where the content is a text.
    pub fn parts(&self) -> &[Part<'a>] {
        match self {
            Self::Text(_) => &[],
            Self::Parts(parts) => parts,
        }
    }

    /// Every text in it, in order: the whole, or that of each part of type `text`.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.parts().iter().filter(|part| part.kind() == "text");
        let whole = match self {
            Self::Text(text) => slice::from_ref(text),
            Self::Parts(_) => &[],
        };
        whole.iter().map(|text| &**text).chain(parts.filter_map(|part| part.text.as_deref()))
    }

    /// Whether nothing is said: an empty text, or no part.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Parts(parts) => parts.is_empty(),
        }
    }
}

members! {
    /// One part of a message's content. Which members count, its [`kind`](Part::kind) says.
    pub struct Part<'a> {
        /// What it is: `text`, `image_url`, `input_audio`, `file`, …
        named: Text<'a> = "type",
        /// `text`: what is said.
        text: Text<'a> = "text",
        /// `refusal`: why the model would not.
        refusal: Text<'a> = "refusal",
        /// `image_url`: the picture.
        image_url: Link<'a> = "image_url",
        /// `video_url`: the film.
        video_url: Link<'a> = "video_url",
        /// `input_audio`: the sound.
        input_audio: Audio<'a> = "input_audio",
        /// `file`: a document.
        file: File<'a> = "file",
        /// `thinking`: what the model thought in an earlier turn.
        thinking: Text<'a> = "thinking",
        /// `thinking`: the vendor's seal on it.
        signature: Text<'a> = "signature",
        /// `redacted_thinking`: what only the vendor can read.
        data: Text<'a> = "data",
        /// Where a vendor may end what it caches, in Anthropic's words.
        cache_control: &'a RawValue = "cache_control",
    }
}

impl Part<'_> {
    /// What the part is; empty if it does not say.
    pub fn kind(&self) -> &str {
        self.named.as_deref().unwrap_or_default()
    }
}

members! {
    /// Something that lies at a URL, which may be a `data:` URL that holds it.
    pub struct Link<'a> {
        /// Where it is.
        url: Text<'a> = "url",
        /// How closely a model is to look: `low`, `high`, `auto`.
        detail: Text<'a> = "detail",
    }
}

members! {
    /// A sound.
    pub struct Audio<'a> {
        /// Its bytes in base64.
        data: Text<'a> = "data",
        /// Its format: `wav`, `mp3`.
        format: Text<'a> = "format",
    }
}

members! {
    /// A document: held here, or by the vendor under a name.
    pub struct File<'a> {
        /// Its bytes as a `data:` URL; a URL where a vendor fetches it.
        file_data: Text<'a> = "file_data",
        /// The vendor's name for one that was uploaded.
        file_id: Text<'a> = "file_id",
        /// What people call it.
        filename: Text<'a> = "filename",
        /// Its media type, for a URL that does not tell.
        format: Text<'a> = "format",
    }
}

impl<'de> Deserialize<'de> for Content<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of parts")
            }

            fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
                Text::deserialize(BorrowedBytesDeserializer::new(text)).map(Content::Text)
            }

            fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
                Text::deserialize(BytesDeserializer::new(text)).map(Content::Text)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(parts)).map(Content::Parts)
            }
        }
        // As bytes, because as text a half of a character would be an error: see `Text`.
        from.deserialize_bytes(Reader)
    }
}
