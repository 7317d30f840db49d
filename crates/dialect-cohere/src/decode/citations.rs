//! What words rest on: an annotation for each source of a citation.

use ferro_core::chat::Text;
use ferro_wire::write_string;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Asked;

/// A citation as Cohere writes it.
#[derive(Deserialize)]
pub(super) struct Citation<'a> {
    #[serde(default)]
    start: Option<u64>,
    #[serde(default)]
    end: Option<u64>,
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    sources: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    content_index: Option<u64>,
    #[serde(borrow, default, rename = "type")]
    of: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    document: Option<Document<'a>>,
    #[serde(borrow, default)]
    tool_output: Option<Document<'a>>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow, default)]
    url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    title: Option<&'a RawValue>,
}

/// Where the texts of a reply begin, counted in characters from the first text's beginning: a citation
/// counts from its own part's.
#[derive(Debug, Default)]
pub(super) struct Lengths(Vec<(u64, u64)>);

impl Lengths {
    /// So much more text in the part `index`.
    pub(super) fn add(&mut self, index: u64, text: &str) {
        let characters = text.chars().count() as u64;
        match self.0.iter_mut().find(|(own, _)| *own == index) {
            Some((_, length)) => *length += characters,
            None => self.0.push((index, characters)),
        }
    }

    fn before(&self, index: u64) -> u64 {
        self.0.iter().filter(|(own, _)| *own < index).map(|(_, length)| length).sum()
    }
}

/// The annotations that citations come to; `None` where there are none.
pub(super) fn told(
    citations: &[Citation<'_>],
    lengths: &Lengths,
    asked: &Asked,
) -> Option<Box<RawValue>> {
    let mut out = b"[".to_vec();
    for citation in citations {
        // A plan's or a thought's words are no part of the content, and count for themselves.
        let is_said = citation.of.as_deref().is_none_or(|of| of == "TEXT_CONTENT");
        let shift = citation.content_index.filter(|_| is_said).map_or(0, |at| lengths.before(at));
        let sources = citation.sources.as_deref().unwrap_or_default();
        let cited = Cited { citation, shift, asked };
        sources.iter().for_each(|source| cited.annotation(&mut out, Some(source)));
        if sources.is_empty() {
            cited.annotation(&mut out, None);
        }
    }
    if out.len() == 1 {
        return None;
    }
    out.push(b']');
    let json = String::from_utf8(out).expect("texts between brackets are a text");
    Some(RawValue::from_string(json).expect("it is written as JSON"))
}

/// A citation, and how far its part's beginning is from the content's.
#[derive(Clone, Copy)]
struct Cited<'c, 'a> {
    citation: &'c Citation<'a>,
    shift: u64,
    asked: &'c Asked,
}

impl Cited<'_, '_> {
    /// The annotation for one source, or for none.
    fn annotation(&self, out: &mut Vec<u8>, raw: Option<&RawValue>) {
        let Self { citation, shift, asked } = *self;
        let source = raw.and_then(|raw| serde_json::from_str::<Source<'_>>(raw.get()).ok());
        let held = source.as_ref().and_then(|s| s.document.as_ref().or(s.tool_output.as_ref()));
        let is_text = |json: &&RawValue| json.get().starts_with('"');
        let url = held.and_then(|held| held.url).filter(is_text);
        let title = held.and_then(|held| held.title).filter(is_text);
        let kind = if url.is_some() { "url_citation" } else { "citation" };
        out.extend_from_slice(if out.len() == 1 { b"{\"type\":" } else { b",{\"type\":" });
        write_string(out, kind);
        out.push(b',');
        write_string(out, kind);
        out.extend_from_slice(b":{");
        let (start, end) = (citation.start.unwrap_or(0) + shift, citation.end.unwrap_or(0) + shift);
        out.extend_from_slice(format!("\"start_index\":{start},\"end_index\":{end}").as_bytes());
        if let Some(url) = url {
            // Clients read a title from every URL.
            let title = title.map_or("\"\"", RawValue::get);
            out.extend_from_slice(format!(",\"url\":{},\"title\":{title}", url.get()).as_bytes());
        }
        out.extend_from_slice(b",\"cited_text\":");
        write_string(out, citation.text.as_deref().unwrap_or_default());
        if let Some(of) = citation.of.as_deref().filter(|of| *of != "TEXT_CONTENT") {
            out.extend_from_slice(b",\"of\":");
            write_string(out, of);
        }
        if let Some(raw) = raw {
            out.extend_from_slice(b",\"source\":");
            write_source(out, raw, source.as_ref().and_then(|source| source.id.as_deref()), asked);
        }
        out.extend_from_slice(b"}}");
    }
}

/// The source as it stands, but for a call that the client knows by another name.
fn write_source(out: &mut Vec<u8>, raw: &RawValue, id: Option<&str>, asked: &Asked) {
    let json = raw.get();
    let original = id.and_then(|id| {
        let (call, number) =
            id.split_once(':').map_or((id, ""), |(call, _)| (call, &id[call.len()..]));
        let (_, own) = asked.renamed.iter().find(|(fitted, _)| fitted == call)?;
        Some((id, format!("{own}{number}")))
    });
    let Some((id, original)) = original else {
        return out.extend_from_slice(json.as_bytes());
    };
    let quoted = |text: &str| {
        let mut quoted = Vec::new();
        write_string(&mut quoted, text);
        String::from_utf8(quoted).expect("a quoted text is a text")
    };
    out.extend_from_slice(json.replacen(&quoted(id), &quoted(&original), 1).as_bytes());
}
