//! Edits of a request's own fields.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{ProviderError, Unsaid};
use ferro_wire::JsonDoc;

use super::{Doc, schema};
use crate::{FieldEdit, TokenLimit, Vendor};

const NEWER_LIMIT: &str = "max_completion_tokens";
const OLDER_LIMIT: &str = "max_tokens";

pub(super) fn edit(vendor: &Vendor, doc: &mut Doc<'_>) -> Result<(), ProviderError> {
    for name in vendor.refuses {
        leave_out(doc, name);
    }
    match vendor.profile.token_limit {
        TokenLimit::AsSaid => {}
        TokenLimit::MaxTokens => limit_tokens(doc, OLDER_LIMIT, NEWER_LIMIT),
        TokenLimit::MaxCompletionTokens => limit_tokens(doc, NEWER_LIMIT, OLDER_LIMIT),
    }
    apply(vendor.profile.fields, doc)
}

/// Makes a row's edits, in their order.
pub(crate) fn apply(edits: &[FieldEdit], doc: &mut Doc<'_>) -> Result<(), ProviderError> {
    for edit in edits {
        match *edit {
            FieldEdit::Renamed(ours, theirs) => rename(doc, ours, theirs),
            FieldEdit::Reworded(name, ours, theirs) => reword(doc, name, ours, theirs),
            FieldEdit::Without(names) => names.iter().for_each(|name| leave_out(doc, name)),
            FieldEdit::FloatsOnly => leave_out(doc, "encoding_format"),
            FieldEdit::SizeInTwo => divide_size(doc),
            FieldEdit::NoEmptyTools => omit_empty_tools(doc),
            FieldEdit::CountedLogprobs => count_logprobs(doc),
            FieldEdit::SchemaAsPrompt => schema::say_as_prompt(doc)?,
        }
    }
    Ok(())
}

/// What a row's edits take away.
pub(crate) fn unsaid(edits: &[FieldEdit], doc: &JsonDoc) -> Vec<Unsaid> {
    let mut unsaid = Vec::new();
    for edit in edits {
        let names = match *edit {
            FieldEdit::Without(names) => names,
            FieldEdit::SizeInTwo if size(doc).is_none() => &["size"],
            FieldEdit::SchemaAsPrompt if schema::is_asked(doc) => {
                unsaid.push(Unsaid("response_format.json_schema".into()));
                continue;
            }
            _ => continue,
        };
        let names = names.iter().filter(|name| says_something(doc, name));
        unsaid.extend(names.map(|name| Unsaid(Cow::Borrowed(*name))));
    }
    unsaid
}

pub(crate) fn leave_out(doc: &mut Doc<'_>, name: &str) {
    if doc.contains(name) {
        doc.to_mut().remove(name);
    }
}

/// Whether a field is there with a value that means something: to leave out `null`, an empty list or
/// a switch that is off takes nothing away.
pub(super) fn says_something(doc: &JsonDoc, name: &str) -> bool {
    doc.text(name).is_some_and(|text| match &*text {
        b"null" | b"false" | b"\"\"" | b"[]" | b"{}" => false,
        b"1" => name != "n",
        _ => true,
    })
}

fn taken(doc: &mut Doc<'_>, name: &str) -> Option<Bytes> {
    let text = Bytes::from(doc.text(name)?.into_owned());
    doc.to_mut().remove(name);
    Some(text)
}

fn rename(doc: &mut Doc<'_>, ours: &str, theirs: &str) {
    if let Some(value) = taken(doc, ours)
        && !doc.contains(theirs)
    {
        doc.to_mut().set_text(theirs, value);
    }
}

fn reword(doc: &mut Doc<'_>, name: &str, ours: &str, theirs: &str) {
    if doc.get::<Cow<'_, str>>(name).ok().flatten().is_some_and(|said| said == ours) {
        doc.to_mut().set(name, theirs);
    }
}

/// A width and a height, where the size is said in numbers.
fn size(doc: &JsonDoc) -> Option<(u32, u32)> {
    let size = doc.get::<Cow<'_, str>>("size").ok()??;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

fn divide_size(doc: &mut Doc<'_>) {
    if let Some((width, height)) = size(doc) {
        for (name, length) in [("width", width), ("height", height)] {
            if !doc.contains(name) {
                doc.to_mut().set(name, &length);
            }
        }
    }
    leave_out(doc, "size");
}

fn limit_tokens(doc: &mut Doc<'_>, own: &str, other: &str) {
    let Some(value) = taken(doc, other).filter(|value| value != "null") else { return };
    if other == NEWER_LIMIT || !says_something(doc, own) {
        doc.to_mut().set_text(own, value);
    }
}

fn omit_empty_tools(doc: &mut Doc<'_>) {
    let is_empty = doc
        .text("tools")
        .is_some_and(|tools| tools.iter().filter(|byte| !byte.is_ascii_whitespace()).eq(b"[]"));
    if is_empty {
        leave_out(doc, "tools");
        leave_out(doc, "tool_choice");
    }
}

fn count_logprobs(doc: &mut Doc<'_>) {
    let Ok(Some(wanted)) = doc.get::<bool>("logprobs") else { return };
    let alternatives = doc.get::<u64>("top_logprobs").ok().flatten().unwrap_or_default();
    leave_out(doc, "top_logprobs");
    if wanted {
        doc.to_mut().set("logprobs", &alternatives.max(1));
    } else {
        leave_out(doc, "logprobs");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn edited(fields: &'static [FieldEdit], body: &str) -> String {
        sent(&Profile { fields, ..Profile::STANDARD }, body)
    }

    fn sent(profile: &Profile, body: &str) -> String {
        let vendor = Vendor { profile: *profile, ..Vendor::OPENAI_SHAPED };
        let doc = JsonDoc::parse(body.as_bytes().to_vec()).unwrap();
        let mut doc = Cow::Borrowed(&doc);
        edit(&vendor, &mut doc).unwrap();
        String::from_utf8(doc.to_rope().to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn one_limit_is_sent_under_the_name_that_is_known() {
        use TokenLimit::{AsSaid, MaxCompletionTokens, MaxTokens};
        for (token_limit, body, expected) in [
            (MaxTokens, r#"{"max_completion_tokens":5}"#, r#"{"max_tokens":5}"#),
            (MaxTokens, r#"{"max_tokens":9, "max_completion_tokens":5}"#, r#"{"max_tokens":5}"#),
            (MaxTokens, r#"{"max_tokens":9,"max_completion_tokens":null}"#, r#"{"max_tokens":9}"#),
            (MaxTokens, r#"{ "max_tokens": 9 }"#, r#"{ "max_tokens": 9 }"#),
            (MaxCompletionTokens, r#"{"max_tokens":9}"#, r#"{"max_completion_tokens":9}"#),
            (
                MaxCompletionTokens,
                r#"{"max_tokens":9,"max_completion_tokens":5}"#,
                r#"{"max_completion_tokens":5}"#,
            ),
            (
                AsSaid,
                r#"{"max_tokens":9,"max_completion_tokens":5}"#,
                r#"{"max_tokens":9,"max_completion_tokens":5}"#,
            ),
        ] {
            let profile = Profile { token_limit, ..Profile::STANDARD };
            assert_eq!(sent(&profile, body), expected, "{token_limit:?} {body}");
        }
    }

    #[test]
    fn a_vendors_own_name_for_a_field_counts() {
        let fields = &[FieldEdit::Renamed("seed", "random_seed")];
        assert_eq!(edited(fields, r#"{"seed":1e2,"x":1}"#), r#"{"x":1,"random_seed":1e2}"#);
        assert_eq!(edited(fields, r#"{"seed":1,"random_seed":2}"#), r#"{"random_seed":2}"#);
    }

    #[test]
    fn a_document_is_said_in_the_vendors_words() {
        let image = &[
            FieldEdit::Reworded("response_format", "b64_json", "base64"),
            FieldEdit::SizeInTwo,
            FieldEdit::Without(&["style"]),
        ];
        assert_eq!(
            edited(image, r#"{"response_format":"b64_json","size":"8x9","style":"vivid"}"#),
            r#"{"response_format":"base64","width":8,"height":9}"#
        );
        assert_eq!(edited(image, r#"{"size":"8x9","width":7}"#), r#"{"width":7,"height":9}"#);
        let url = r#"{"response_format":"url"}"#;
        assert_eq!(edited(image, url), url);
        let unsaid = |body: &str| -> Vec<_> {
            let doc = JsonDoc::parse(body.as_bytes().to_vec()).unwrap();
            unsaid(image, &doc).into_iter().map(|unsaid| unsaid.0).collect()
        };
        assert_eq!(unsaid(r#"{"size":"auto","style":"vivid"}"#), ["size", "style"]);
        assert_eq!(unsaid(r#"{"size":"8x9","style":null}"#), [""; 0]);
        assert_eq!(edited(&[FieldEdit::FloatsOnly], r#"{"encoding_format":"base64"}"#), "{}");
    }

    #[test]
    fn an_empty_list_of_tools_goes_with_the_choice_among_them() {
        let fields = &[FieldEdit::NoEmptyTools];
        assert_eq!(edited(fields, r#"{"tools":[ ],"tool_choice":"auto","x":1}"#), r#"{"x":1}"#);
        let full = r#"{"tools":[{}],"tool_choice":"auto"}"#;
        assert_eq!(edited(fields, full), full);
    }

    #[test]
    fn logprobs_are_counted() {
        let fields = &[FieldEdit::CountedLogprobs];
        assert_eq!(edited(fields, r#"{"logprobs":true,"top_logprobs":3}"#), r#"{"logprobs":3}"#);
        assert_eq!(edited(fields, r#"{"logprobs":true}"#), r#"{"logprobs":1}"#);
        assert_eq!(edited(fields, r#"{"logprobs":false,"x":1}"#), r#"{"x":1}"#);
        assert_eq!(edited(fields, r#"{"logprobs":4}"#), r#"{"logprobs":4}"#);
    }
}
