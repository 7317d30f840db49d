//! A JSON schema in which nothing is referred to, for models that take one as it is.
//!
//! They take references too, but refuse one that has anything beside it (`schema at … can only contain
//! properties starting with '$' when $ref is present`), and know none but those of `$defs`: seen in
//! `https://github.com/google-gemini/gemini-cli/issues/4758` and `…/13326`, 2026-11-30. So what is
//! referred to stands where it is referred to; but for what leads into itself, which is referred to alone.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{DEEPEST, longest, references::References};
use crate::json::{Json, Members, items, text};

/// Where definitions stand, by the names in use.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// Words whose value is a schema, or a list of them.
const SCHEMAS: &[&str] = &[
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "propertyNames",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
];
/// Words whose value has schemas by name.
const NAMED: &[&str] = &["properties", "patternProperties", "dependentSchemas"];
/// Words that say nothing of which values there are: the nearest counts.
const REMARKS: &[&str] =
    &["title", "description", "default", "examples", "example", "deprecated", "$comment"];

/// The schema without references: as it stands, byte for byte, if it has none.
pub(crate) fn standing_alone(schema: &str) -> Cow<'_, str> {
    if !schema.contains("\"$ref\"") {
        return Cow::Borrowed(schema);
    }
    let mut writer = Writer {
        root: References::of(schema),
        out: Json::default(),
        longest: longest(schema.len()),
        open: Vec::new(),
        kept: Vec::new(),
    };
    writer.document(schema);
    Cow::Owned(String::from_utf8(writer.out.0).expect("what is written are texts"))
}

type Member<'a> = (Cow<'a, str>, &'a str);

struct Writer<'a> {
    root: References<'a>,
    out: Json,
    longest: usize,
    /// The references that are being followed, so that none is followed inside itself.
    open: Vec<String>,
    /// The definitions that are still referred to.
    kept: Vec<String>,
}

impl<'a> Writer<'a> {
    fn document(&mut self, json: &'a str) {
        self.out.open(b'{');
        self.body(members(json));
        let mut written = 0;
        while let Some(name) = self.kept.get(written).cloned() {
            if written == 0 {
                self.out.key(DEFINITIONS[0]);
                self.out.open(b'{');
            }
            written += 1;
            self.out.foreign_key(&name);
            let found = DEFINITIONS
                .iter()
                .find_map(|place| self.root.at(&format!("#/{place}/{}", escaped(&name))));
            self.open = DEFINITIONS.map(|place| format!("#/{place}/{}", escaped(&name))).to_vec();
            self.schema(found.unwrap_or("{}"));
            self.open.clear();
        }
        if written > 0 {
            self.out.close(b'}');
        }
        self.out.close(b'}');
    }

    /// Writes a schema, or whatever stands in the place of one.
    fn schema(&mut self, json: &'a str) {
        match json.as_bytes().first() {
            Some(b'{') => {
                self.out.open(b'{');
                self.body(members(json));
                self.out.close(b'}');
            }
            Some(b'[') => {
                self.out.open(b'[');
                items(json).into_iter().for_each(|item| self.schema(item.get()));
                self.out.close(b']');
            }
            _ => self.out.raw(json),
        }
    }

    /// Writes what stands in a schema.
    fn body(&mut self, mut members: Vec<Member<'a>>) {
        let before = self.open.len();
        while let Some(reference) = take_reference(&mut members) {
            let is_over = self.open.len() >= DEEPEST || self.out.0.len() > self.longest;
            let is_open = is_over || self.open.contains(&reference);
            let named = self.root.at(&reference).filter(|found| found.starts_with('{') && !is_open);
            let Some(named) = named else {
                self.refer(&reference, members);
                self.open.truncate(before);
                return;
            };
            self.open.push(reference);
            let own = |name: &str| members.iter().any(|(own, _)| own == name);
            let mut theirs = self::members(named);
            let is_mixed = theirs.iter().any(|(name, _)| own(name) && !REMARKS.contains(&&**name));
            if is_mixed && !own("anyOf") {
                // Both count, so neither may hide the other.
                self.out.key("anyOf");
                self.out.open(b'[');
                self.schema(named);
                self.out.close(b']');
                break;
            }
            theirs.retain(|(name, _)| !own(name));
            members.append(&mut theirs);
        }
        // What is defined stands where it is referred to.
        members.retain(|(name, _)| !DEFINITIONS.contains(&&**name));
        members.into_iter().for_each(|(name, value)| self.member(&name, value));
        self.open.truncate(before);
    }

    fn member(&mut self, name: &str, value: &'a str) {
        self.out.foreign_key(name);
        if SCHEMAS.contains(&name) {
            self.schema(value);
        } else if NAMED.contains(&name) && value.starts_with('{') {
            self.out.open(b'{');
            for (name, schema) in members(value) {
                self.out.foreign_key(&name);
                self.schema(schema);
            }
            self.out.close(b'}');
        } else {
            self.out.raw(value);
        }
    }

    /// Writes a reference that is not followed; what else is said stands beside the choice of it alone.
    fn refer(&mut self, reference: &str, beside: Vec<Member<'a>>) {
        let prefix =
            |place: &&str| reference.strip_prefix(&format!("#/{place}/")).map(str::to_owned);
        let name = DEFINITIONS.iter().find_map(prefix).filter(|name| !name.contains('/'));
        let shown = match &name {
            Some(name) => format!("#/{}/{name}", DEFINITIONS[0]),
            None => reference.to_owned(),
        };
        let name = name.map(|name| name.replace("~1", "/").replace("~0", "~"));
        for name in name.into_iter().filter(|_| self.root.at(reference).is_some()) {
            if !self.kept.contains(&name) {
                self.kept.push(name);
            }
        }
        let is_alone = beside.iter().all(|(name, _)| name.starts_with('$'));
        if !is_alone {
            self.out.key("anyOf");
            self.out.open(b'[');
            self.out.open(b'{');
        }
        self.out.member("$ref", &shown);
        if !is_alone {
            self.out.close(b'}');
            self.out.close(b']');
        }
        // A second choice cannot stand beside the first.
        let beside = beside.into_iter().filter(|(name, _)| is_alone || name != "anyOf");
        beside.for_each(|(name, value)| self.member(&name, value));
    }
}

/// What a schema says: of two members with one name the last counts.
fn members(json: &str) -> Vec<Member<'_>> {
    let all = Members::of(json).unwrap_or_default().0;
    let mut members: Vec<Member<'_>> = Vec::with_capacity(all.len());
    for (name, value) in all {
        members.retain(|(own, _)| *own != name.0);
        members.push((name.0, RawValue::get(value)));
    }
    members
}

fn take_reference(members: &mut Vec<Member<'_>>) -> Option<String> {
    let at = members.iter().position(|(name, value)| name == "$ref" && text(value).is_some())?;
    text(members.remove(at).1).map(|reference| reference.to_string())
}

/// A name as it stands in a reference.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
