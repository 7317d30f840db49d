//! Writes a request's JSON piece by piece, and takes one apart a level at a time.

pub(crate) use ferro_core::chat::Members;
use ferro_core::chat::Text;
use ferro_wire::write_string;
use serde_json::value::RawValue;

/// JSON that is being written. Commas come by themselves.
#[derive(Debug, Default)]
pub(crate) struct Json(pub(crate) Vec<u8>);

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Begins an object or a list.
    pub(crate) fn open(&mut self, bracket: u8) {
        self.comma();
        self.0.push(bracket);
    }

    /// Ends an object or a list.
    pub(crate) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// The name of a member, one of ours: nothing in it is escaped.
    pub(crate) fn key(&mut self, name: &str) {
        self.comma();
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// The name of a member, somebody else's.
    pub(crate) fn foreign_key(&mut self, name: &str) {
        self.text(name);
        self.0.push(b':');
    }

    /// A string.
    pub(crate) fn text(&mut self, text: &str) {
        self.comma();
        write_string(&mut self.0, text);
    }

    /// A value as it stands elsewhere.
    pub(crate) fn raw(&mut self, json: &str) {
        self.comma();
        self.0.extend_from_slice(json.as_bytes());
    }

    /// A member that is a string.
    pub(crate) fn member(&mut self, name: &str, text: &str) {
        self.key(name);
        self.text(text);
    }

    /// A member as its value stands elsewhere.
    pub(crate) fn raw_member(&mut self, name: &str, json: &str) {
        self.key(name);
        self.raw(json);
    }

    /// A value does not end with any of these, so what stands behind them is the first.
    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }
}

/// The values of a list; none if it is something else.
pub(crate) fn items(json: &str) -> Vec<&RawValue> {
    if !json.starts_with('[') {
        return Vec::new();
    }
    serde_json::from_str(json).unwrap_or_default()
}

/// The text of a string; `None` if it is something else.
pub(crate) fn text(json: &str) -> Option<Text<'_>> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_values_and_nowhere_else() {
        let mut json = Json::default();
        json.open(b'{');
        json.member("a", "{");
        json.key("b");
        json.open(b'[');
        json.text("[");
        json.raw("1");
        json.open(b'{');
        json.close(b'}');
        json.close(b']');
        json.raw_member("c", "null");
        json.close(b'}');
        assert_eq!(String::from_utf8(json.0).unwrap(), r#"{"a":"{","b":["[",1,{}],"c":null}"#);
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let members = Members::of(r#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
        assert_eq!((members.get("a"), members.get("c")), (Some("3"), None));
        assert!(Members::of("[1]").is_none() && Members::of("{").is_none());
    }
}
