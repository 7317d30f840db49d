//! What an answer rests on and what it cites, as the chat wire's list of annotations.

use serde_json::value::RawValue;

use super::{
    piece::raw,
    wire::{Candidate, Grounding, Source},
};
use crate::json::Json;

/// The annotations of a candidate whose whole text is `said`; `None` if there are none.
pub(super) fn list(candidate: &Candidate<'_>, said: &str) -> Option<Box<RawValue>> {
    let mut list = Json::default();
    list.open(b'[');
    if let Some(grounding) = &candidate.grounding_metadata {
        grounded(&mut list, grounding, said);
    }
    if let Some(cited) = &candidate.citation_metadata {
        let all = cited.citation_sources.iter().chain(&cited.citations).flatten();
        for citation in all {
            let Some(url) = citation.uri.as_deref() else { continue };
            let title = citation.title.as_deref();
            let place = (citation.start_index, citation.end_index);
            one(&mut list, (url, title), place, said);
        }
    }
    list.close(b']');
    let is_empty = list.0.len() == "[]".len();
    (!is_empty).then(|| raw(list))
}

/// Each support names the sources of one piece; sources that support nothing in particular stand for
/// the whole.
fn grounded(list: &mut Json, grounding: &Grounding<'_>, said: &str) {
    let sources = grounding.grounding_chunks.iter().flatten().map(|chunk| {
        chunk.web.as_ref().or(chunk.retrieved_context.as_ref()).or(chunk.maps.as_ref())
    });
    let sources: Vec<Option<&Source<'_>>> = sources.collect();
    let supports: Vec<_> = grounding.grounding_supports.iter().flatten().collect();
    for support in &supports {
        let segment = support.segment.as_ref();
        let place = segment.map(|segment| (segment.start_index, segment.end_index));
        for at in support.grounding_chunk_indices.iter().flatten() {
            let Some(Some(source)) = sources.get(*at) else { continue };
            let Some(url) = source.uri.as_deref() else { continue };
            one(list, (url, source.title.as_deref()), place.unwrap_or_default(), said);
        }
    }
    if supports.is_empty() {
        for source in sources.into_iter().flatten() {
            let Some(url) = source.uri.as_deref() else { continue };
            one(list, (url, source.title.as_deref()), (None, Some(said.len())), said);
        }
    }
}

fn one(
    list: &mut Json,
    (url, title): (&str, Option<&str>),
    (start, end): (Option<usize>, Option<usize>),
    said: &str,
) {
    list.open(b'{');
    list.member("type", "url_citation");
    list.key("url_citation");
    list.open(b'{');
    list.raw_member("start_index", &characters(said, start.unwrap_or_default()).to_string());
    list.raw_member("end_index", &characters(said, end.unwrap_or_default()).to_string());
    list.member("url", url);
    list.member("title", title.unwrap_or_default());
    list.close(b'}');
    list.close(b'}');
}

/// The vendor counts bytes, the chat wire characters.
fn characters(said: &str, bytes: usize) -> usize {
    said.char_indices().take_while(|(at, _)| *at < bytes).count()
}
