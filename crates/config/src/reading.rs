//! From a tree to a typed configuration, with everything that is wrong on the way.
//!
//! serde stops at the first mistake. So what it stops at is noted and taken out, and the rest is
//! read again, until nothing is left to stop at: one mistake hides no other.

use figment::{Error, Figment, error::Kind as ErrorKind};

use crate::{
    Config,
    document::{self, Entry, Kind, Node, Origin, Span},
    finding::{Finding, Findings, repeated},
    masks,
    nearest::nearest,
    paths::parent,
};

/// Mistakes after which the rest is not looked for: a file with more was not meant to be one.
const MAX_FINDINGS: usize = 100;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) config: Config,
    pub(crate) findings: Findings,
    /// What was taken out. Nothing more is to be said about what stands there.
    pub(crate) removed: Vec<String>,
    /// What unknown keys hold: it may be a secret whose key is mistyped.
    pub(crate) covered: Vec<Span>,
}

/// The text that is read, and what of it must not be repeated.
#[derive(Clone, Copy)]
struct Typed<'a> {
    text: &'a str,
    masks: &'a [Span],
}

/// Reads `entries`, whose values are as typed in `text`. What `masks` cover is not repeated.
pub(crate) fn read(mut entries: Vec<Entry>, text: &str, masks: &[Span]) -> Reading {
    document::strip(&mut entries);
    let typed = Typed { text, masks };
    let mut reading = Reading::default();
    while reading.findings.0.len() < MAX_FINDINGS {
        match Figment::from(Origin(&entries)).extract::<Config>() {
            Ok(config) => return Reading { config, ..reading },
            Err(error) => reading.mend(&mut entries, &error, typed),
        }
    }
    let message = format!("there are more than {MAX_FINDINGS} mistakes; the rest is not listed");
    reading.give_up(message);
    reading
}

impl Reading {
    /// Nothing more is to be said about the file.
    fn give_up(&mut self, message: String) {
        self.findings.0.push(Finding::error("", message));
        self.removed.push(String::new());
    }

    /// Makes what stopped the reading readable, or notes it and takes it out.
    fn mend(&mut self, entries: &mut Vec<Entry>, error: &Error, typed: Typed<'_>) {
        let Some((path, node)) = document::locate(entries, &error.path) else {
            entries.clear();
            // Without the value, which may be a secret.
            return self.give_up(format!("`{}` cannot be read", error.path.join(".")));
        };
        if let ErrorKind::UnknownField(key, known) = &error.kind {
            masks::all(node, &mut self.covered);
            self.findings.0.push(unknown_key(path, key, known));
            return document::remove(entries, &error.path);
        }
        if let ErrorKind::InvalidType(_, wanted) = &error.kind
            && let Some(meant) = as_meant(node, wanted, typed.text)
        {
            node.kind = meant;
            return;
        }
        self.findings.0.push(mistake(&path, &error.kind, node, typed));
        let is_section =
            matches!(&error.kind, ErrorKind::InvalidType(_, w) if w.starts_with("struct"));
        if is_section && path.ends_with(']') {
            // Its place stays, so that the paths of those behind it stay true.
            node.kind = Kind::Map(Vec::new());
        } else {
            document::remove(entries, &error.path);
        }
        let list = path.ends_with(']').then(|| parent(&path)).flatten().filter(|_| !is_section);
        self.removed.push(list.unwrap_or(&path).to_owned());
    }
}

/// What YAML takes for a number or a boolean is text where text is wanted, letter by letter; and
/// `yes` and `no` are booleans where one is wanted.
fn as_meant(node: &Node, wanted: &str, text: &str) -> Option<Kind> {
    match (&node.kind, wanted) {
        (Kind::Bool(_) | Kind::Negative(_) | Kind::Natural(_) | Kind::Float(_), "a string") => {
            text.get(node.typed.clone()).map(|typed| Kind::Text(typed.to_owned()))
        }
        (Kind::Text(word), "a boolean") => match word.to_ascii_lowercase().as_str() {
            "y" | "yes" | "on" => Some(Kind::Bool(true)),
            "n" | "no" | "off" => Some(Kind::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn unknown_key(path: String, key: &str, known: &[&'static str]) -> Finding {
    let help = if let Some(meant) = nearest(key, known) {
        format!("did you mean `{meant}`?")
    } else {
        let mut known = known.to_vec();
        known.sort_unstable();
        format!("known here: {}; keys that begin with `_` are ignored", known.join(", "))
    };
    let message = format!("unknown key `{}`: it does nothing", repeated(key));
    Finding::error(path, message).help(help).warning().at_key()
}

/// What is wrong with a value, and what would be right.
fn mistake(path: &str, kind: &ErrorKind, node: &Node, typed: Typed<'_>) -> Finding {
    match kind {
        ErrorKind::UnknownVariant(word, known) => {
            let meant = nearest(word, known).map(|word| format!("did you mean `{word}`? "));
            let help = format!("{}known: {}", meant.unwrap_or_default(), known.join(", "));
            Finding::error(path, format!("unknown word `{}`", repeated(word))).help(help)
        }
        ErrorKind::InvalidType(_, wanted) | ErrorKind::InvalidValue(_, wanted) => {
            let found = typed.found(node);
            Finding::error(path, format!("expected {}, found {found}", wanted_words(wanted)))
        }
        // The words of the type itself, which say why behind a colon.
        other => {
            let message = other.to_string();
            match message.split_once(": ") {
                Some((wrong, why)) => Finding::error(path, wrong).help(why),
                None => Finding::error(path, message),
            }
        }
    }
}

impl Typed<'_> {
    /// What was found: as it is typed, unless it is a secret, or long.
    fn found(self, node: &Node) -> String {
        let kind = match &node.kind {
            Kind::Null => "nothing",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a section of keys",
            Kind::Text(_) => "text",
            Kind::Bool(_) => "a boolean",
            Kind::Negative(_) | Kind::Natural(_) | Kind::Float(_) => "a number",
        };
        let is_scalar = !matches!(&node.kind, Kind::Null | Kind::List(_) | Kind::Map(_));
        let overlaps = |mask: &Span| mask.start < node.span.end && node.span.start < mask.end;
        let is_secret = self.masks.iter().any(overlaps);
        let text = self.text.get(node.span.clone()).filter(|_| is_scalar && !is_secret);
        match text.map(repeated).filter(|text| !text.contains('\n')) {
            Some(text) => format!("`{text}`"),
            None => kind.to_owned(),
        }
    }
}

/// What serde calls a type, in words.
fn wanted_words(wanted: &str) -> String {
    let words = match wanted {
        // The one thing that is counted so narrowly.
        "u16" => "an HTTP status from 100 to 599",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0 to 18446744073709551615",
        "f32" | "f64" => "a number",
        "a string" => "text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a section of keys",
        _ if wanted.starts_with("struct ") => "a section of keys",
        other => other,
    };
    words.to_owned()
}
