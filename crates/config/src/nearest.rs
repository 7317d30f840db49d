//! Which known word was probably meant.

/// The known word that is nearest to a mistyped one, if any is near: a third of the longer one's
/// letters may be wrong, and two neighbours that changed places count as one mistake.
pub(crate) fn nearest(typed: &str, known: &[&'static str]) -> Option<&'static str> {
    let typed = normal(typed);
    let distance = |word: &str| strsim::osa_distance(&typed, &normal(word));
    let (far, word) =
        known.iter().map(|word| (distance(word), *word)).min_by_key(|(far, _)| *far)?;
    let letters = typed.chars().count().max(word.len());
    (far <= (letters / 3).max(1)).then_some(word)
}

/// `maxTokens`, `max-tokens` and `max_tokens` differ in spelling alone.
fn normal(word: &str) -> String {
    word.chars().filter(|c| !['_', '-'].contains(c)).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_word_is_found_and_nothing_far_is() {
        let known = ["api_key", "base_url", "models", "retry", "weight"];
        for (typed, meant) in [
            ("api_kee", Some("api_key")),
            ("apiKey", Some("api_key")),
            ("baseurl", Some("base_url")),
            ("model", Some("models")),
            ("retyr", Some("retry")),
            ("url", None),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, &known), meant, "{typed}");
        }
    }
}
