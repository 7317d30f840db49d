//! How likely the words of an answer were, as the chat wire's `logprobs`.

use serde_json::value::RawValue;

use super::wire::{Likely, Token};
use crate::json::Json;

/// The probabilities of a piece, as entries without their list; `None` if it has none.
pub(super) fn read(likely: &Likely<'_>) -> Option<String> {
    let chosen = likely.chosen_candidates.as_ref().filter(|chosen| !chosen.is_empty())?;
    let tops = likely.top_candidates.as_deref().unwrap_or_default();
    let mut json = Json::default();
    for (at, token) in chosen.iter().enumerate() {
        json.open(b'{');
        one(&mut json, token);
        json.key("top_logprobs");
        json.open(b'[');
        for top in tops.get(at).and_then(|top| top.candidates.as_ref()).into_iter().flatten() {
            json.open(b'{');
            one(&mut json, top);
            json.close(b'}');
        }
        json.close(b']');
        json.close(b'}');
    }
    Some(String::from_utf8(json.0).expect("what is written are texts"))
}

/// The list of these entries.
pub(super) fn list(entries: &str) -> Box<RawValue> {
    let list = format!(r#"{{"content":[{entries}],"refusal":null}}"#);
    RawValue::from_string(list).expect("what was read as JSON is JSON")
}

fn one(json: &mut Json, token: &Token<'_>) {
    let text = token.token.as_deref().unwrap_or_default();
    json.member("token", text);
    // A probability that is not said is as low as the wire can say.
    json.raw_member("logprob", token.log_probability.map_or("-9999.0", RawValue::get));
    json.key("bytes");
    json.open(b'[');
    text.bytes().for_each(|byte| json.raw(&byte.to_string()));
    json.close(b']');
}
