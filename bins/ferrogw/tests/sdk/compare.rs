//! Two observations side by side, and the differences that are meant.

use std::collections::BTreeMap;

use serde_json::Value;

/// Of longer texts only what was edited is shown.
const LONG: usize = 64;

/// Everything in which two observations differ, a line each.
pub(crate) fn differences(trial: &str, straight: &Value, through: &Value) -> Vec<String> {
    let (straight, through) = (leaves(straight), leaves(through));
    let all: BTreeMap<_, _> = straight.iter().chain(&through).collect();
    let differing = all.into_keys().filter(|at| straight.get(*at) != through.get(*at));
    differing
        .map(|at| match (straight.get(at), through.get(at)) {
            (Some(Value::String(before)), Some(Value::String(after)))
                if before.len().min(after.len()) > LONG =>
            {
                format!("{trial} {at} {}", edit(before, after))
            }
            (before, after) => format!("{trial} {at} {} -> {}", shown(before), shown(after)),
        })
        .collect()
}

/// The differences that are meant: a pattern in which `*` stands for anything, and the reason.
pub(crate) struct Meant(Vec<(String, String)>);

impl Meant {
    /// Reads a list: a pattern, ` # `, and a reason a line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| {
            let parts = line.split_once(" # ");
            let (pattern, reason) =
                parts.ok_or_else(|| format!("a line without a reason: {line}"))?;
            Ok((pattern.trim().to_owned(), reason.trim().to_owned()))
        });
        lines.collect::<Result<_, String>>().map(Self)
    }

    /// The patterns.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(pattern, _)| pattern.as_str())
    }

    /// Whether a difference is meant.
    pub(crate) fn covers(&self, difference: &str) -> bool {
        self.patterns().any(|pattern| matches(pattern, difference))
    }
}

/// Whether `text` is what `pattern` says.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<_> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(last)
}

/// Every value that holds no other, by where it stands.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(String::new(), value, &mut found);
    found
}

fn collect(at: String, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| collect(format!("{at}/{name}"), value, found));
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| collect(format!("{at}/{index:03}"), value, found));
        }
        leaf => drop(found.insert(at, leaf.clone())),
    }
}

/// What was taken out and what was put in, between what both have at either end.
fn edit(before: &str, after: &str) -> String {
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let start = same(&mut before.chars().zip(after.chars()));
    let (before, after) = (&before[start..], &after[start..]);
    let end = same(&mut before.chars().rev().zip(after.chars().rev()));
    format!("-{:?} +{:?}", &before[..before.len() - end], &after[..after.len() - end])
}

fn shown(value: Option<&Value>) -> String {
    value.map_or("nothing".to_owned(), Value::to_string)
}
