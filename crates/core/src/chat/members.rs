//! Objects read in one pass: the members that are known, and the names of those that are not.

/// Makes a type of an object's members, each absent or `null` as `None`.
///
/// Unlike a derived reader it keeps what it does not know, borrowed, so that nothing is lost without
/// a word; and it refuses a member that stands there twice, of which another reader might take the
/// other one.
macro_rules! members {
    (
        $(#[$about:meta])*
        $sight:vis struct $name:ident<'a> {
            $($(#[$meaning:meta])* $field:ident: $kind:ty = $key:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        #[non_exhaustive]
        $sight struct $name<'a> {
            $($(#[$meaning])* pub $field: Option<$kind>,)*
            /// The members that are none of these, as they stand there.
            pub rest: Vec<(crate::chat::Text<'a>, &'a serde_json::value::RawValue)>,
        }

        impl<'de> serde::Deserialize<'de> for $name<'de> {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Reader;
                impl<'de> serde::de::Visitor<'de> for Reader {
                    type Value = $name<'de>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A>(self, mut map: A) -> Result<Self::Value, A::Error>
                    where
                        A: serde::de::MapAccess<'de>,
                    {
                        let mut read = $name::default();
                        $(let mut $field = false;)*
                        while let Some(name) = map.next_key::<crate::chat::Text<'de>>()? {
                            match &*name {
                                $($key => {
                                    if std::mem::replace(&mut $field, true) {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    read.$field = map.next_value()?;
                                })*
                                _ => {
                                    let value = map.next_value()?;
                                    read.rest.push((name, value));
                                }
                            }
                        }
                        Ok(read)
                    }
                }
                from.deserialize_map(Reader)
            }
        }
    };
}

pub(super) use members;
