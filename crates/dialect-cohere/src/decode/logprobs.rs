//! Probabilities: Cohere gives them by pieces of text, of which one may be several tokens.

use ferro_core::chat::Text;
use ferro_wire::write_string;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The probabilities of a piece of text.
#[derive(Deserialize)]
pub(super) struct Likely<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    token_ids: Option<&'a RawValue>,
    #[serde(borrow, default)]
    logprobs: Option<Vec<&'a RawValue>>,
}

/// In the words of the chat wire: an entry for each piece, its probability that of all its tokens
/// together. The tokens' names stay with it.
pub(super) fn told(pieces: &[Likely<'_>]) -> Box<RawValue> {
    let mut out = b"{\"content\":[".to_vec();
    for (at, piece) in pieces.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"token\":" } else { b",{\"token\":" });
        write_string(&mut out, piece.text.as_deref().unwrap_or_default());
        out.extend_from_slice(b",\"logprob\":");
        out.extend_from_slice(together(piece.logprobs.as_deref().unwrap_or_default()).as_bytes());
        out.extend_from_slice(b",\"bytes\":null,\"top_logprobs\":[]");
        if let Some(ids) = piece.token_ids {
            out.extend_from_slice(b",\"token_ids\":");
            out.extend_from_slice(ids.get().as_bytes());
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"refusal\":null}");
    let json = String::from_utf8(out).expect("texts between brackets are a text");
    RawValue::from_string(json).expect("it is written as JSON")
}

/// The probability of one token stays as it is written.
fn together(logprobs: &[&RawValue]) -> String {
    match logprobs {
        [one] => one.get().to_owned(),
        many => {
            let parsed = many.iter().filter_map(|json| json.get().parse::<f64>().ok());
            let sum: f64 = parsed.sum();
            serde_json::to_string(&sum).unwrap_or_else(|_| "0.0".to_owned())
        }
    }
}
