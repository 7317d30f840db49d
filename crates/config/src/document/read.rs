//! From a text to a tree, or to the one place where the text cannot be read on.

use serde::de::IgnoredAny;
use serde_saphyr::{
    Spanned, budget,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

use super::{Entry, Kind, Node};
use crate::Format;

/// How deep a file may nest. Deeper than any settings, and far from the end of the stack.
const MAX_DEPTH: usize = 64;

/// Where a text cannot be read on: nothing behind it is known.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) message: String,
    pub(crate) line: usize,
    /// In characters.
    pub(crate) column: usize,
}

/// Reads the keys of a file. JSON is checked by its own grammar first; the places in it are found
/// by reading it as the YAML that it also is.
pub(crate) fn read(text: &str, format: Format) -> Result<Vec<Entry>, Broken> {
    if format == Format::Json {
        check_json(text)?;
    }
    // What `yes` and `no` mean is left to the key: a list of forbidden words may hold them.
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: budget! { max_depth: MAX_DEPTH },
    };
    let node = serde_saphyr::from_str_with_options::<Spanned<Kind>>(text, options);
    match node.map(Node::from).map_err(|error| broken(&error))? {
        Node { kind: Kind::Map(entries), .. } => Ok(entries),
        // A file of comments alone.
        Node { kind: Kind::Null, .. } => Ok(Vec::new()),
        Node { span, .. } => {
            let line = text[..span.start].matches('\n').count() + 1;
            let message = "a configuration is made of keys, such as `targets:`".to_owned();
            Err(Broken { message, line, column: 1 })
        }
    }
}

fn check_json(text: &str) -> Result<(), Broken> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| {
        let message = error.to_string();
        // The place is told beside the message.
        let words = message.split(" at line ").next().unwrap_or(&message);
        let message = match words {
            "trailing characters" => "there must be nothing behind the closing brace".to_owned(),
            words => format!("this is not JSON: {words}"),
        };
        Broken { message, line: error.line().max(1), column: error.column().max(1) }
    })
}

fn broken(error: &serde_saphyr::Error) -> Broken {
    let place = error.location();
    let whole = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).max(1);
    let (line, column) = (place.map(|p| p.line()), place.map(|p| p.column()));
    Broken { message: words(error), line: whole(line), column: whole(column) }
}

/// The parser's words without its place, which is told beside them, and without advice that is
/// meant for whoever calls the parser.
fn words(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    if text.starts_with("multiple YAML documents") {
        return "a second document begins here: a configuration is one document".to_owned();
    }
    match text.strip_prefix("duplicate mapping key: ") {
        Some(key) => format!("`{}` is written twice", key.split(',').next().unwrap_or(key)),
        None => format!("this cannot be read: {text}"),
    }
}
