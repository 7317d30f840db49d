//! What an answer rests on, as the chat wire's annotations.

use ferro_core::chat::Text;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

/// One place that an answer cites.
#[derive(Deserialize)]
pub(crate) struct Citation<'a> {
    #[serde(borrow, default)]
    title: Option<Text<'a>>,
    #[serde(borrow, default)]
    source: Option<Text<'a>>,
    #[serde(borrow, default)]
    location: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Location<'a> {
    #[serde(borrow, default)]
    web: Option<Web<'a>>,
}

#[derive(Deserialize)]
struct Web<'a> {
    #[serde(borrow, default)]
    url: Option<Text<'a>>,
}

/// The annotations for these citations; `None` where there are none.
pub(crate) fn of<'a>(citations: impl Iterator<Item = &'a Citation<'a>>) -> Option<Box<RawValue>> {
    let annotations: Vec<_> = citations.map(annotation).collect();
    (!annotations.is_empty()).then(|| serde_json::value::to_raw_value(&annotations).ok()).flatten()
}

fn annotation(citation: &Citation<'_>) -> serde_json::Value {
    let title = citation.title.as_deref();
    let location = citation.location.map_or("null", |location| location.get());
    let read: Location<'_> = serde_json::from_str(location).unwrap_or_default();
    if let Some(url) = read.web.and_then(|web| web.url) {
        return json!({"type": "url_citation", "url_citation": {"url": &*url, "title": title}});
    }
    let location: serde_json::Value = serde_json::from_str(location).unwrap_or_default();
    let source = citation.source.as_deref();
    json!({
        "type": "file_citation",
        "file_citation": {"filename": title, "source": source, "location": location},
    })
}
