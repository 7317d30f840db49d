//! A request's fields in the client's own words, and objects that are put together of such.

use std::borrow::Cow;

use ferro_core::chat::{ChatRequest, Text};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A field as the client wrote it; `None` where it is absent or `null`.
pub(super) fn raw_field<'a>(request: &'a ChatRequest, name: &str) -> Option<Cow<'a, RawValue>> {
    const WHY: &str = "a document's fields are JSON";
    let field: Cow<'a, RawValue> = match request.doc().text(name)? {
        Cow::Borrowed(text) => Cow::Borrowed(serde_json::from_slice(text).expect(WHY)),
        Cow::Owned(text) => Cow::Owned(serde_json::from_slice(&text).expect(WHY)),
    };
    (field.get() != "null").then_some(field)
}

/// JSON, which it is known to be.
pub(super) fn raw(json: Cow<'_, str>) -> Cow<'_, RawValue> {
    const WHY: &str = "it was made, or found, to be JSON";
    match json {
        Cow::Borrowed(json) => Cow::Borrowed(serde_json::from_str(json).expect(WHY)),
        Cow::Owned(json) => Cow::Owned(RawValue::from_string(json).expect(WHY)),
    }
}

/// An object of a vendor's own parameters.
#[derive(Debug, Default)]
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Fields<'a> {
    /// The members of an object that the client sent; `None` if it is none.
    pub(super) fn of(object: Cow<'a, RawValue>) -> Option<Self> {
        let members = match object {
            Cow::Borrowed(object) => members(object)?,
            Cow::Owned(object) => {
                let members = members(&object)?;
                let own = |(name, value): (Cow<'_, str>, Cow<'_, RawValue>)| {
                    (Cow::Owned(name.into_owned()), Cow::Owned(value.into_owned()))
                };
                members.into_iter().map(own).collect()
            }
        };
        Some(Self(members))
    }

    /// Adds a member, unless the client said it itself.
    pub(super) fn add(&mut self, name: &'static str, json: Cow<'a, RawValue>) {
        if self.0.iter().all(|(own, _)| own != name) {
            self.0.push((Cow::Borrowed(name), json));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn members(object: &RawValue) -> Option<Vec<(Cow<'_, str>, Cow<'_, RawValue>)>> {
    struct Members<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);
    impl<'de> serde::Deserialize<'de> for Members<'de> {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct Reader;
            impl<'de> serde::de::Visitor<'de> for Reader {
                type Value = Members<'de>;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Self::Value, A::Error> {
                    let mut members = Vec::new();
                    while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                        members.push((name.0, Cow::Borrowed(value)));
                    }
                    Ok(Members(members))
                }
            }
            from.deserialize_map(Reader)
        }
    }
    serde_json::from_str::<Members<'_>>(object.get()).ok().map(|members| members.0)
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, json)| (name, json)))
    }
}
