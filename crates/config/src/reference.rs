//! `${VARIABLE}` inside a string: kept as typed, replaced when a component is built.
//!
//! Only braces around a name count: a bare `$` is itself, and so is `$$` (`$${X}` is a dollar sign
//! and the value of `X`). What replaces a reference is not looked at again.

use ferro_core::Vars;

/// A reference that cannot be replaced.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{path}` refers to the variable `{variable}`, which is not set")]
pub struct Unresolved {
    /// Where it stands, such as `targets[0].api_key`.
    pub path: String,
    /// The variable, which is not set or empty.
    pub variable: String,
}

/// A piece of a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Piece<'a> {
    /// As it is.
    Literal(&'a str),
    /// The name of a variable.
    Variable(&'a str),
}

/// Cuts a string at its references.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut literal, mut at) = (0, 0);
    while let Some(found) = text[at..].find("${") {
        let open = at + found;
        at = open + 2;
        let Some(length) = text[at..].find('}') else { break };
        let name = &text[at..at + length];
        if is_name(name) {
            if literal < open {
                pieces.push(Piece::Literal(&text[literal..open]));
            }
            pieces.push(Piece::Variable(name));
            at += length + 1;
            literal = at;
        }
    }
    if literal < text.len() {
        pieces.push(Piece::Literal(&text[literal..]));
    }
    pieces
}

/// Whether there is anything to replace.
pub(crate) fn has_reference(text: &str) -> bool {
    pieces(text).iter().any(|piece| matches!(piece, Piece::Variable(_)))
}

/// Replaces every reference.
pub(crate) fn expand(text: &str, path: &str, vars: Vars<'_>) -> Result<String, Unresolved> {
    let mut expanded = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Literal(literal) => expanded.push_str(literal),
            Piece::Variable(name) => {
                let value = vars(name).filter(|value| !value.is_empty());
                let unset = || Unresolved { path: path.to_owned(), variable: name.to_owned() };
                expanded.push_str(&value.ok_or_else(unset)?);
            }
        }
    }
    Ok(expanded)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let vars = |name: &str| match name {
            "KEY" => Some("sk-1".to_owned()),
            "NESTED" => Some("${KEY}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let got = expand(text, "here", &vars).unwrap_or_else(|error| error.to_string());
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn only_braces_around_a_name_are_a_reference() {
        check("${KEY}", "sk-1");
        check("Bearer ${KEY}", "Bearer sk-1");
        check("${KEY}${KEY}", "sk-1sk-1");
        check("$KEY", "$KEY");
        check("$${KEY}", "$sk-1");
        check("pa$$w0rd", "pa$$w0rd");
        check("${", "${");
        check("${}", "${}");
        check("${KEY", "${KEY");
        check("${a b}${KEY}", "${a b}sk-1");
        check("${${KEY}", "${sk-1");
        check("", "");
    }

    #[test]
    fn what_replaces_a_reference_is_not_looked_at_again() {
        check("${NESTED}", "${KEY}");
    }

    #[test]
    fn an_unset_or_empty_variable_is_named_with_the_path() {
        check("${GONE}", "`here` refers to the variable `GONE`, which is not set");
        check("${EMPTY}", "`here` refers to the variable `EMPTY`, which is not set");
    }
}
