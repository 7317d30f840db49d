//! What an operator may say about a target's deviations: for a server that has no row, or is older or
//! newer than its row knows.

use ferro_core::{BuildError, Settings};
use serde::Deserialize;

use crate::{Ends, TokenLimit, Vendor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviations {
    /// Whether a stream may be asked for its usage.
    takes_stream_options: Option<bool>,
    /// What it calls the ceiling on what is written.
    token_limit: Option<TokenLimit>,
    /// Whether a stream ends with `[DONE]`.
    sends_done: Option<bool>,
}

impl Vendor {
    /// The row as an operator corrects it.
    pub(crate) fn corrected(&self, settings: Settings) -> Result<Self, BuildError> {
        let said: Deviations = settings.parse()?;
        let mut row = *self;
        let profile = &mut row.profile;
        profile.takes_stream_options =
            said.takes_stream_options.unwrap_or(profile.takes_stream_options);
        profile.token_limit = said.token_limit.unwrap_or(profile.token_limit);
        profile.ends = match said.sends_done {
            Some(true) => Ends::WithDone,
            Some(false) => Ends::WithChoices,
            None => profile.ends,
        };
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn corrected(settings: Value) -> Result<Vendor, BuildError> {
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        Vendor::OPENAI_SHAPED.corrected(Settings(settings))
    }

    #[test]
    fn an_operator_goes_before_the_row() {
        let said = json!({
            "takes_stream_options": false, "token_limit": "max_tokens", "sends_done": false,
        });
        let profile = corrected(said).unwrap().profile;
        assert!(!profile.takes_stream_options);
        assert_eq!((profile.token_limit, profile.ends), (TokenLimit::MaxTokens, Ends::WithChoices));
        let untouched = corrected(json!({})).unwrap().profile;
        assert!(untouched.takes_stream_options);
        assert_eq!((untouched.token_limit, untouched.ends), (TokenLimit::AsSaid, Ends::WithDone));
    }

    #[test]
    fn what_is_not_known_is_named() {
        let error = corrected(json!({"sends_dome": false})).unwrap_err().to_string();
        assert!(error.contains("sends_dome") && error.contains("sends_done"), "{error}");
        let error = corrected(json!({"token_limit": "n"})).unwrap_err().to_string();
        assert!(error.contains("max_completion_tokens"), "{error}");
    }
}
