//! Fields that are there and ask for nothing.

use super::ChatRequest;

/// Fields of the chat wire, and of what is often said beside it, each with what asks for nothing, as
/// `null` does.
const USUAL: &[(&str, &[&str])] = &[
    ("anthropic_beta", &["[]"]),
    ("audio", &[]),
    ("frequency_penalty", &["0", "0.0"]),
    ("logit_bias", &["{}"]),
    ("logprobs", &["false"]),
    ("metadata", &["{}"]),
    ("modalities", &["[\"text\"]"]),
    ("n", &["1"]),
    ("parallel_tool_calls", &["true"]),
    ("prediction", &[]),
    ("presence_penalty", &["0", "0.0"]),
    ("prompt_cache_key", &[]),
    ("prompt_cache_retention", &[]),
    ("reasoning_effort", &[]),
    ("safety_identifier", &[]),
    ("seed", &[]),
    ("service_tier", &["\"auto\""]),
    ("store", &["false"]),
    ("thinking", &[]),
    ("top_k", &[]),
    ("top_logprobs", &["0"]),
    ("user", &["\"\""]),
    ("verbosity", &["\"medium\""]),
    ("web_search_options", &[]),
];

impl ChatRequest {
    /// Whether a field asks for nothing that would not be so without it, so that a vendor who cannot be
    /// told of it misses nothing. Of a field that nobody knows, nobody knows that.
    pub fn asks_for_nothing(&self, name: &str) -> bool {
        let json = self.doc().text(name).unwrap_or_default();
        let usual = USUAL.iter().find(|(usual, _)| *usual == name);
        usual.is_some_and(|(_, values)| {
            *json == *b"null" || values.iter().any(|value| *json == *value.as_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_and_what_is_usual_ask_for_nothing_and_whatever_else_does_not() {
        let json = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"seed":null,"presence_penalty":0.0,"store":true,
            "n":1,"verbosity":"low","audio":{},"of_another":null}"#;
        let request = ChatRequest::parse(json.as_bytes().to_vec()).unwrap();
        let idle = |name: &&&str| request.asks_for_nothing(name);
        let names =
            ["seed", "presence_penalty", "n", "store", "verbosity", "audio", "of_another", "user"];
        let found: Vec<_> = names.iter().filter(idle).collect();
        assert_eq!(found, [&"seed", &"presence_penalty", &"n"]);
    }
}
