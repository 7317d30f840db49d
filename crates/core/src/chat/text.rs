//! A string of a JSON text, borrowed where it stands there as it is meant.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

/// A string. Borrowed from the JSON where no escape stands in it; half a character, which JSON can
/// say and text cannot, is replaced as readers do.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                // What is text, and nearly everything is, is known to be in a tenth of the time.
                let text = std::str::from_utf8(bytes).map(Cow::Borrowed);
                Ok(Text(text.unwrap_or_else(|_| String::from_utf8_lossy(bytes))))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                let text = std::str::from_utf8(bytes).map(str::to_owned);
                let text = text.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
                Ok(Text(Cow::Owned(text)))
            }
        }
        // As bytes, because as text a half of a character would be an error.
        from.deserialize_bytes(Reader)
    }
}
