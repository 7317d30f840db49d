//! What an answer rests on and what it cites, as the chat wire's list of annotations.

use serde_json::value::RawValue;

use super::{
    piece::raw,
    wire::{Candidate, Citation, Grounding, Source},
};
use crate::json::Json;

/// The annotations of an answer, as far as they have come: of a stream each piece may bring some.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    /// What pieces of the answer rest on.
    grounded: Vec<Annotation>,
    /// What the whole of it rests on.
    sources: Vec<Annotation>,
    cited: Vec<Annotation>,
}

#[derive(Debug, Eq, PartialEq)]
struct Annotation {
    url: String,
    title: String,
    /// Where the piece begins and ends, in bytes; to the end of the text where that is not said.
    place: (usize, Option<usize>),
}

impl Annotations {
    /// Adds what a piece brings: some say again what an earlier one said.
    pub(super) fn add(&mut self, candidate: &Candidate<'_>) {
        let grounding = candidate.grounding_metadata.map(RawValue::get);
        if let Some(Ok(grounding)) = grounding.map(serde_json::from_str) {
            self.ground(&grounding);
        }
        if let Some(cited) = &candidate.citation_metadata {
            let all = cited.citation_sources.iter().chain(&cited.citations).flatten();
            all.filter_map(Annotation::cited)
                .for_each(|annotation| put(&mut self.cited, annotation));
        }
    }

    /// Each support names the sources of one piece; sources that support nothing in particular stand
    /// for the whole.
    fn ground(&mut self, grounding: &Grounding<'_>) {
        let sources = grounding.grounding_chunks.iter().flatten().map(|chunk| {
            chunk.web.as_ref().or(chunk.retrieved_context.as_ref()).or(chunk.maps.as_ref())
        });
        let sources: Vec<Option<&Source<'_>>> = sources.collect();
        for support in grounding.grounding_supports.iter().flatten() {
            let segment = support.segment.as_ref();
            let place = segment.map(|segment| (segment.start_index, segment.end_index));
            let (start, end) = place.unwrap_or_default();
            let place = (start.unwrap_or_default(), Some(end.unwrap_or_default()));
            for at in support.grounding_chunk_indices.iter().flatten() {
                let source = sources.get(*at).copied().flatten();
                let annotation = source.and_then(|source| Annotation::of(source, place));
                annotation.into_iter().for_each(|found| put(&mut self.grounded, found));
            }
        }
        for source in sources.into_iter().flatten() {
            let annotation = Annotation::of(source, (0, None));
            annotation.into_iter().for_each(|found| put(&mut self.sources, found));
        }
    }

    /// All of them, for an answer whose whole text is `said`; `None` if there are none.
    pub(super) fn list(&self, said: &str) -> Option<Box<RawValue>> {
        let rests_on = if self.grounded.is_empty() { &self.sources } else { &self.grounded };
        let mut all = rests_on.iter().chain(&self.cited).peekable();
        all.peek()?;
        let mut list = Json::default();
        list.open(b'[');
        all.for_each(|annotation| annotation.write(&mut list, said));
        list.close(b']');
        Some(raw(list))
    }
}

fn put(all: &mut Vec<Annotation>, annotation: Annotation) {
    if !all.contains(&annotation) {
        all.push(annotation);
    }
}

impl Annotation {
    fn of(source: &Source<'_>, place: (usize, Option<usize>)) -> Option<Self> {
        let title = source.title.as_deref().unwrap_or_default();
        Some(Self { url: source.uri.as_deref()?.to_owned(), title: title.to_owned(), place })
    }

    /// What is cited may have a title alone: a book.
    fn cited(citation: &Citation<'_>) -> Option<Self> {
        let url = citation.uri.as_deref().unwrap_or_default();
        let title = citation.title.as_deref().unwrap_or_default();
        let end = Some(citation.end_index.unwrap_or_default());
        let place = (citation.start_index.unwrap_or_default(), end);
        let says_something = !url.is_empty() || !title.is_empty();
        says_something.then(|| Self { url: url.to_owned(), title: title.to_owned(), place })
    }

    fn write(&self, list: &mut Json, said: &str) {
        let (start, end) = self.place;
        list.open(b'{');
        list.member("type", "url_citation");
        list.key("url_citation");
        list.open(b'{');
        list.raw_member("start_index", &characters(said, start).to_string());
        let end = end.unwrap_or(said.len());
        list.raw_member("end_index", &characters(said, end).to_string());
        list.member("url", &self.url);
        list.member("title", &self.title);
        list.close(b'}');
        list.close(b'}');
    }
}

/// The vendor counts bytes, the chat wire characters.
fn characters(said: &str, bytes: usize) -> usize {
    said.char_indices().take_while(|(at, _)| *at < bytes).count()
}
