//! JSON schemas for models that take only a part of `OpenAPI`'s: JSON in, JSON out.
//!
//! What those models refuse is said otherwise where it can be, and left out where it cannot: references
//! are replaced by what they name, `allOf` by its union, `const` by an `enum`, a list of types by
//! `nullable` or `anyOf`, `oneOf` by `anyOf`. Names of properties are the user's own and are never
//! touched, whatever they are called. The words that are taken: see `Schema` in
//! `https://ai.google.dev/api/caching`, by excerpts of 2026-11-29.

mod alone;
mod merged;
mod references;

use serde_json::value::RawValue;

use crate::json::{Json, Members, items, text};
pub(crate) use alone::standing_alone;
use merged::Merged;
use references::References;

/// What becomes longer than this is cut short: a schema may name itself in ways that double it.
const LONGEST: usize = 1 << 18;

/// As long as what stands for a schema of `length` bytes may become.
fn longest(length: usize) -> usize {
    /// As often as each of its words is repeated.
    const OFTEN: usize = 16;
    (OFTEN * length + (1 << 12)).min(LONGEST.max(length))
}
/// Deeper than this nobody looks.
const DEEPEST: usize = 64;

/// Words whose values are passed on as they are.
const VERBATIM: &[&str] = &[
    "title",
    "description",
    "default",
    "example",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "pattern",
    "propertyOrdering",
];
/// Forms of a string that are taken.
const FORMATS: &[&str] = &["enum", "date-time"];
const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];

/// The schema that says to an older model what `schema` says.
pub(crate) fn normalised(schema: &str) -> String {
    let mut written = Writer {
        root: References::of(schema),
        out: Json::default(),
        longest: longest(schema.len()),
        open: Vec::new(),
    };
    written.schema(schema);
    String::from_utf8(written.out.0).expect("what is written are texts")
}

/// Whether a function's schema says that it takes nothing.
pub(crate) fn takes_nothing(schema: &str) -> bool {
    const IDLE: &[&str] =
        &["type", "properties", "required", "additionalProperties", "$schema", "title", "strict"];
    let Some(members) = Members::of(schema) else { return false };
    // What may hold whatever it likes takes something.
    if members.get("additionalProperties").is_some_and(|open| open != "false") {
        return false;
    }
    let is_empty = |name: &str| members.get(name).is_none_or(is_bare);
    let is_idle = members.0.iter().all(|(name, _)| IDLE.contains(&&**name));
    is_idle && is_empty("properties") && is_empty("required")
}

fn is_bare(json: &str) -> bool {
    Members::of(json).is_some_and(|members| members.0.is_empty())
        || json.starts_with('[') && items(json).is_empty()
        || json == "null"
}

struct Writer<'a> {
    root: References<'a>,
    out: Json,
    longest: usize,
    /// The references that are being followed, so that none is followed inside itself.
    open: Vec<&'a str>,
}

impl<'a> Writer<'a> {
    /// Writes a schema: an object, always.
    fn schema(&mut self, json: &'a str) {
        let before = self.open.len();
        let is_over = before >= DEEPEST || self.out.0.len() > self.longest;
        // Also without a reference: depth counts.
        self.open.push("");
        let (merged, is_nullable) =
            if is_over { (Merged::default(), false) } else { self.resolved(json) };
        self.object(&merged, is_nullable);
        self.open.truncate(before);
    }

    /// A schema without references and unions, and without a choice among one; and whether it may be
    /// null.
    fn resolved(&mut self, json: &'a str) -> (Merged<'a>, bool) {
        let mut merged = Merged::of(json, &self.root, &self.open);
        let mut is_nullable = false;
        while self.open.len() < DEEPEST {
            let branches = branches(&merged);
            is_nullable |= branches.is_nullable;
            let [only] = branches.schemas[..] else { break };
            self.open.push("");
            self.open.append(&mut merged.followed);
            merged = Merged::of(only, &self.root, &self.open).beside(merged);
        }
        self.open.append(&mut merged.followed);
        (merged, is_nullable)
    }

    fn object(&mut self, merged: &Merged<'a>, is_nullable: bool) {
        self.out.open(b'{');
        let types = Types::of(merged);
        let branches = branches(merged);
        if types.is_nullable || is_nullable {
            self.out.raw_member("nullable", "true");
        }
        for word in VERBATIM {
            if let Some(value) = merged.get(word) {
                self.out.raw_member(word, value);
            }
        }
        if branches.schemas.len() > 1 || types.named.len() > 1 {
            self.any_of(merged, &types, &branches);
        } else {
            let named = types.named.first().map_or_else(|| implied(merged), |named| &**named);
            self.typed(named, merged);
        }
        self.out.close(b'}');
    }

    /// Several types, or several schemas.
    fn any_of(&mut self, merged: &Merged<'a>, types: &Types, branches: &Branches<'a>) {
        self.out.key("anyOf");
        self.out.open(b'[');
        if branches.schemas.len() > 1 {
            for branch in &branches.schemas {
                self.schema(branch);
            }
        } else {
            for named in &types.named {
                self.out.open(b'{');
                self.typed(named, merged);
                self.out.close(b'}');
            }
        }
        self.out.close(b']');
    }

    /// What only a schema of one type says.
    fn typed(&mut self, named: &str, merged: &Merged<'a>) {
        match named {
            "object" => self.properties(merged),
            "array" => {
                self.out.key("items");
                self.schema(
                    merged
                        .get("items")
                        .filter(|json| json.starts_with('{'))
                        .unwrap_or("{\"type\":\"string\"}"),
                );
            }
            "string" => self.enumerated(merged),
            _ => {}
        }
        let format = merged.get("format").and_then(text);
        if let Some(format) = format.filter(|format| FORMATS.contains(&&**format)) {
            self.out.member("format", &format);
        }
        self.out.member("type", named);
    }

    fn properties(&mut self, merged: &Merged<'a>) {
        if !merged.properties.is_empty() {
            self.out.key("properties");
            self.out.open(b'{');
            for (name, schema) in &merged.properties {
                self.out.foreign_key(name);
                self.schema(schema);
            }
            self.out.close(b'}');
        }
        let is_there = |name: &&std::borrow::Cow<'_, str>| {
            merged.properties.iter().any(|(own, _)| own == *name)
        };
        let required: Vec<_> = merged.required.iter().filter(is_there).collect();
        if !required.is_empty() {
            self.out.key("required");
            self.out.open(b'[');
            required.into_iter().for_each(|name| self.out.text(name));
            self.out.close(b']');
        }
    }

    /// Only strings may be listed.
    fn enumerated(&mut self, merged: &Merged<'_>) {
        let listed = merged.get("enum").map(items).unwrap_or_default();
        let mut words: Vec<_> = listed.iter().filter_map(|value| text(value.get())).collect();
        words.extend(merged.get("const").and_then(text));
        if !words.is_empty() {
            self.out.key("enum");
            self.out.open(b'[');
            words.iter().for_each(|word| self.out.text(word));
            self.out.close(b']');
        }
    }
}

/// The types that a schema names.
struct Types {
    named: Vec<String>,
    is_nullable: bool,
}

impl Types {
    fn of(merged: &Merged<'_>) -> Self {
        let json = merged.get("type").unwrap_or_default();
        let mut named: Vec<String> = items(json)
            .into_iter()
            .map(RawValue::get)
            .chain([json])
            .filter_map(text)
            .map(|named| named.to_ascii_lowercase())
            .collect();
        let is_nullable =
            named.iter().any(|named| named == "null") || merged.get("nullable") == Some("true");
        named.retain(|named| TYPES.contains(&&**named));
        named.dedup();
        Self { named, is_nullable }
    }
}

/// The schemas among which a value may choose.
struct Branches<'a> {
    schemas: Vec<&'a str>,
    is_nullable: bool,
}

fn branches<'a>(merged: &Merged<'a>) -> Branches<'a> {
    let listed = ["anyOf", "oneOf"].into_iter().filter_map(|word| merged.get(word)).flat_map(items);
    let mut schemas: Vec<_> =
        listed.map(RawValue::get).filter(|json| json.starts_with('{')).collect();
    let all = schemas.len();
    schemas.retain(|json| {
        let named = Members::of(json).and_then(|members| text(members.get("type")?));
        named.as_deref() != Some("null")
    });
    Branches { is_nullable: schemas.len() < all, schemas }
}

/// The type of a schema that names none.
fn implied(merged: &Merged<'_>) -> &'static str {
    let listed = merged.get("enum").map(items).unwrap_or_default();
    let constant = merged.get("const").into_iter();
    let value = listed.first().map(|value| value.get()).into_iter().chain(constant).next();
    match value.and_then(|value| value.bytes().next()) {
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'-' | b'0'..=b'9') => "number",
        _ if merged.get("items").is_some() => "array",
        _ => "object",
    }
}

#[cfg(test)]
mod tests;
