//! Words that others have put together, made fit for a terminal.

use std::fmt::Write as _;

/// The words in one line, with whatever a terminal would obey or be deceived by spelt out: what a
/// client called its model, or a vendor said, is for reading.
pub(crate) fn plain(words: &str) -> String {
    let mut shown = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            _ if !is_obeyed(character) => shown.push(character),
            other => write!(shown, "{}", other.escape_default())
                .expect("writing to a string does not fail"),
        }
    }
    shown
}

/// Controls, the ends of lines, and what turns the direction of writing round.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_commands_are_spelt_out() {
        assert_eq!(plain("größer `m` → ok"), "größer `m` → ok");
        assert_eq!(plain("a\u{1b}[2Jb\nc\r\u{9b}1m\u{7f}"), "a\\u{1b}[2Jb\\nc\\r\\u{9b}1m\\u{7f}");
        assert_eq!(plain("a\u{202e}b\u{2066}"), "a\\u{202e}b\\u{2066}");
    }
}
