//! JSON whose numbers stay as they are written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// A number, a boolean or `null`, as it is written.
    Word(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let said = |error: serde_json::Error| error.to_string();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let fields: BTreeMap<String, Box<RawValue>> =
                    serde_json::from_str(text).map_err(said)?;
                let fields =
                    fields.into_iter().map(|(key, raw)| Ok((key, Self::parse(raw.get())?)));
                Self::Object(fields.collect::<Result<_, String>>()?)
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(said)?;
                let items = items.iter().map(|raw| Self::parse(raw.get()));
                Self::List(items.collect::<Result<_, String>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(said)?),
            _ => Self::Word(text.to_owned()),
        })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.fields()?.get(key)
    }

    /// What stands at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    pub(crate) fn fields(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }

    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number's text.
    pub(crate) fn number(&self) -> Option<&str> {
        let Self::Word(word) = self else { return None };
        word.starts_with(|c: char| c.is_ascii_digit() || c == '-').then_some(word)
    }

    /// The strings of a list.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.items().iter().filter_map(Self::text)
    }
}
