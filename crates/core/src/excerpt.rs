//! As much of what somebody sent as an error may repeat.

use std::borrow::Cow;

/// So many bytes are repeated.
const MOST: usize = 100;

/// The beginning of `text`, and how much more there is: what a client sent may be long, and may be
/// a secret that was put into the wrong place, and errors are shown, logged and kept.
///
/// ```
/// use ferro_core::excerpt;
/// assert_eq!(excerpt("seed"), "seed");
/// assert_eq!(excerpt(&"x".repeat(150)), format!("{}… (50 bytes more)", "x".repeat(100)));
/// ```
pub fn excerpt(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST {
        return Cow::Borrowed(text);
    }
    let begins = &text[..text.floor_char_boundary(MOST)];
    Cow::Owned(format!("{begins}… ({} bytes more)", text.len() - begins.len()))
}

/// An error's words about what a client sent, with no value in them that is longer than a word:
/// whoever reads types says the whole of a text that stands where it should not.
pub(crate) fn without_values(mut message: String) -> String {
    const WORD: usize = 24;
    const SHOWN: usize = 8;
    const LONG: usize = 400;
    if let (Some(open), Some(close)) = (message.find('"'), message.rfind('"'))
        && close > open + 1 + WORD
    {
        let shown = message[open + 1..].floor_char_boundary(SHOWN);
        message.replace_range(open + 1 + shown..close, "…");
    }
    if message.len() > LONG {
        message.truncate(message.floor_char_boundary(LONG));
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_may_be_a_secret_is_not_repeated_and_a_word_is() {
        let wrong = |value: &str| {
            let json = serde_json::to_string(value).unwrap();
            without_values(serde_json::from_str::<bool>(&json).unwrap_err().to_string())
        };
        assert!(wrong("yes").starts_with("invalid type: string \"yes\", expected a boolean"));
        for secret in
            ["sk-0123456789abcdef0123456789", "sk-01234 \"5678\" 9abcdef012345", "ñññññññññññññññ"]
        {
            let told = wrong(secret);
            assert!(told.contains("…\", expected a boolean") && told.len() < 100, "{told}");
            assert!(!told.contains(&secret[10..]), "{told}");
        }
        assert!(without_values("ñ".repeat(9_000)).len() < 410);
    }
}
