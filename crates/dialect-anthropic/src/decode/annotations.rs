//! What a text rests on, as the chat wire's annotations.

use ferro_core::chat::Text;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A citation of any kind.
#[derive(Debug, Deserialize)]
struct Citation<'a> {
    #[serde(rename = "type", default, borrow)]
    named: Text<'a>,
    #[serde(default, borrow)]
    url: Option<Text<'a>>,
    #[serde(default, borrow)]
    title: Option<Text<'a>>,
    #[serde(default, borrow)]
    source: Option<Text<'a>>,
    #[serde(default, borrow)]
    document_title: Option<Text<'a>>,
    #[serde(default, borrow)]
    file_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    cited_text: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    /// Of streams only, where lists are put together by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(rename = "type")]
    named: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_citation: Option<Page<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_citation: Option<Document<'a>>,
    /// The citation as the vendor says it: which page, which characters.
    citation: &'a RawValue,
}

#[derive(Serialize)]
struct Page<'a> {
    url: &'a str,
    title: &'a str,
    start_index: usize,
    end_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

#[derive(Serialize)]
struct Document<'a> {
    file_id: &'a str,
    filename: &'a str,
    start_index: usize,
    end_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

/// The annotations of one reply.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    list: Vec<u8>,
    count: usize,
}

impl Annotations {
    /// Adds a citation of what stands between two places of the text, counted in characters. Its own
    /// place in the list is said where `is_streamed`.
    pub(super) fn add(
        &mut self,
        citation: &RawValue,
        (start_index, end_index): (usize, usize),
        is_streamed: bool,
    ) {
        let Ok(read) = serde_json::from_str::<Citation<'_>>(citation.get()) else { return };
        let said = |text: &Option<Text<'_>>| text.as_deref().unwrap_or_default().to_owned();
        let content = read.cited_text.as_deref();
        let url = read.url.as_ref().or(read.source.as_ref());
        let (title, file_id) = (said(&read.title), said(&read.file_id));
        let filename = said(&read.document_title);
        let (named, url_citation, file_citation) = match url {
            Some(url) if read.named.contains("search_result") => {
                let page = Page { url, title: &title, start_index, end_index, content };
                ("url_citation", Some(page), None)
            }
            _ => {
                let file_id = &file_id;
                let document =
                    Document { file_id, filename: &filename, start_index, end_index, content };
                ("file_citation", None, Some(document))
            }
        };
        let index = is_streamed.then_some(self.count);
        let annotation = Annotation { index, named, url_citation, file_citation, citation };
        self.list.push(if self.list.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.list, &annotation)
            .expect("texts and counts are JSON, and memory takes them");
        self.count += 1;
    }

    /// The list so far, which begins anew; `None` if it is empty.
    pub(super) fn take(&mut self) -> Option<Box<RawValue>> {
        if self.list.is_empty() {
            return None;
        }
        let mut list = std::mem::take(&mut self.list);
        list.push(b']');
        let list = String::from_utf8(list).expect("JSON is text");
        Some(RawValue::from_string(list).expect("annotations between brackets are a list"))
    }
}
