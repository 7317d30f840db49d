//! Replies that are passed on as they are, and what they tell of things that were made.

use bytes::Bytes;
use ferro_wire::{Framing, sse};
use http::{HeaderValue, Method, StatusCode, header, response::Parts};
use serde::de::IgnoredAny;

use super::{Forward, ForwardRequest, path::MESSAGE_BATCH};
use crate::{
    Comes, Decoder, Frame, Kept, ProviderError, Subject, Thing, Usage,
    chat::{Members, Text},
    document::DocumentReply,
};

/// A document that is no longer than this is taken in whole.
const SMALL: u64 = 1 << 20;

/// What a reply tells of things that the vendor keeps from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Learns {
    Nothing,
    /// Its id is of this kind.
    Own(Kept),
    /// It is of a batch, and of the files that came of it.
    Batch,
    /// It is a list, whose entries were made before; others' are among them.
    List,
}

impl Learns {
    fn of(request: &ForwardRequest) -> Self {
        match request.names().map(|thing| thing.kind) {
            _ if request.lists().is_some() => Self::List,
            Some(Kept::Batch) => Self::Batch,
            Some(MESSAGE_BATCH) => Self::Own(MESSAGE_BATCH),
            _ => match request.adds() {
                Some(Kept::Batch) => Self::Batch,
                Some(kind) => Self::Own(kind),
                None => Self::Nothing,
            },
        }
    }

    /// What a document says was made.
    fn made(self, body: &[u8]) -> Vec<Thing> {
        let Ok(members) = serde_json::from_slice::<Members<'_>>(body) else { return Vec::new() };
        let named = |kind, name: &str| named(kind, &members, name);
        match self {
            Self::Nothing | Self::List => Vec::new(),
            Self::Own(kind) => {
                // An upload that is complete has the file that it became.
                let file = members.get("file").and_then(Members::of);
                let file = file.and_then(|file| self::named(Kept::File, &file, "id"));
                named(kind, "id").into_iter().chain(file).collect()
            }
            Self::Batch => {
                let batch = named(Kept::Batch, "id");
                let files = ["output_file_id", "error_file_id"].map(|it| named(Kept::File, it));
                batch.into_iter().chain(files.into_iter().flatten()).collect()
            }
        }
    }
}

fn named(kind: Kept, members: &Members<'_>, name: &str) -> Option<Thing> {
    let id: Text<'_> = serde_json::from_str(members.get(name)?).ok()?;
    Thing::new(kind, &id)
}

/// What a vendor says in its own way in a reply that is passed on.
pub trait VendorWords: Send {
    /// A document that tells of an error, although its status is a success's.
    fn error(&self, body: Bytes) -> ProviderError;

    /// A document as its client can use it: most are as they came.
    fn shown(&self, body: Bytes) -> Bytes {
        body
    }

    /// What the member `usage` of a reply says was consumed.
    fn usage(&self, said: &[u8]) -> Option<Usage> {
        let _ = said;
        None
    }
}

/// Hands a reply on as it comes, and tells what was made.
#[derive(Debug)]
pub struct ForwardDecoder<W> {
    learns: Learns,
    words: W,
    /// Whether something is consumed by what is asked: what names a model is answered by it. Whatever
    /// else tells of usage repeats what was counted when it was consumed.
    consumes: bool,
    /// The end of what passes, where that may tell of usage.
    tail: Tail,
    framing: Framing,
}

/// The last of some bytes.
#[derive(Debug, Default)]
struct Tail(Vec<u8>);

impl Tail {
    /// What vendors write behind the usage is no longer than this.
    const MOST: usize = 16 << 10;

    fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(Self::MOST)..];
        // Moved once for every so many bytes.
        if self.0.len() + bytes.len() > 2 * Self::MOST {
            let kept = Self::MOST.saturating_sub(bytes.len());
            self.0.drain(..self.0.len().saturating_sub(kept));
        }
        self.0.extend_from_slice(bytes);
    }

    /// What the last member of this name says that is an object. In a text, its quotes have escapes.
    fn last(&self, member: &str) -> Option<&[u8]> {
        let name = format!("\"{member}\"");
        let places = memchr::memmem::rfind_iter(&self.0, name.as_bytes());
        places.map(|place| &self.0[place + name.len()..]).find_map(|behind| {
            let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            let value = value.starts_with(b"{").then_some(value)?;
            let mut values = serde_json::Deserializer::from_slice(value).into_iter::<IgnoredAny>();
            values.next()?.ok()?;
            Some(&value[..values.byte_offset()])
        })
    }
}

impl<W: VendorWords> ForwardDecoder<W> {
    /// Reads the reply to this request.
    pub fn new(request: &ForwardRequest, words: W) -> Self {
        let consumes = *request.method() == Method::POST && !request.model().is_empty();
        let (learns, tail) = (Learns::of(request), Tail::default());
        Self { learns, words, consumes, tail, framing: Framing::RAW }
    }
}

impl<W: VendorWords> Decoder<Forward> for ForwardDecoder<W> {
    fn framing(&self) -> Framing {
        self.framing
    }

    fn comes(&mut self, head: &Parts) -> Option<Comes> {
        let says = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let length = says(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        let is = |kind| says(header::CONTENT_TYPE).is_some_and(|it| it.starts_with(kind));
        let is_json = is("application/json");
        let is_small = length.is_some_and(|length| length <= SMALL);
        let is_nothing = length == Some(0) || head.status == StatusCode::NO_CONTENT;
        let is_telling = self.learns != Learns::Nothing || is_small;
        if is("text/event-stream") {
            self.framing = sse::FRAMING;
            return Some(Comes::Events);
        }
        Some(if is_nothing || is_json && is_telling { Comes::Whole } else { Comes::Bytes })
    }

    fn whole(
        &mut self,
        head: &Parts,
        body: Bytes,
    ) -> Result<DocumentReply<Forward>, ProviderError> {
        let made = self.learns.made(&body);
        if made.is_empty() && self.learns != Learns::Nothing && is_error(&body) {
            return Err(self.words.error(body));
        }
        let unknown = HeaderValue::from_static("application/octet-stream");
        let content_type = head.headers.get(header::CONTENT_TYPE).cloned().unwrap_or(unknown);
        let members = self.consumes.then(|| serde_json::from_slice::<Members<'_>>(&body).ok());
        let said = members.flatten();
        let said = said.as_ref().and_then(|members| members.get("usage"));
        let usage = said.and_then(|said| self.words.usage(said.as_bytes()));
        Ok(DocumentReply::new(self.words.shown(body), usage)
            .with_content_type(content_type)
            .with_made(made))
    }

    fn read(&mut self, bytes: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if self.consumes {
            self.tail.push(&bytes);
        }
        out.bytes = bytes;
        Ok(())
    }

    fn is_finished(&self) -> bool {
        false
    }

    /// What passes is over when its body is: nobody knows how such a stream says that it is finished.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if !tail.is_empty() {
            self.read(tail, out)?;
        }
        out.usage = self.tail.last("usage").and_then(|said| self.words.usage(said));
        Ok(())
    }
}

/// Whether a document that should tell of something tells of an error.
fn is_error(body: &[u8]) -> bool {
    let members = serde_json::from_slice::<Members<'_>>(body).unwrap_or_default();
    members.get("error").is_some_and(|error| error.starts_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(learns: Learns, body: &str) -> Vec<(Kept, String)> {
        let made = learns.made(body.as_bytes()).into_iter();
        made.map(|thing| (thing.kind, thing.id.into_string())).collect()
    }

    /// The last usage in some bytes that pass in pieces of this size.
    fn last(bytes: &[u8], size: usize) -> Option<String> {
        let mut tail = Tail::default();
        for piece in bytes.chunks(size) {
            tail.push(piece);
            assert!(tail.0.len() <= 2 * Tail::MOST);
        }
        Some(String::from_utf8(tail.last("usage")?.to_vec()).unwrap())
    }

    #[test]
    fn the_last_usage_is_found_however_the_bytes_come_and_however_many_they_are() {
        let long = "x".repeat(100_000);
        let document = format!(
            r#"{{"text":"{long} \"usage\":{{\"input_tokens\":9}}","usage": {{"input_tokens":3,"details":{{"a":1}}}},"user":"u"}}"#
        );
        let events = format!(
            "data: {{\"usage\":{{\"a\":1}}}}\n\ndata: {long}\n\ndata: {{\"usage\":{{\"a\":2}}}}\n\ndata: {{\"usage\":null}}\n\ndata: [DONE]\n\n"
        );
        for size in [1, 7, 1_000, 16 << 10, 40_000, usize::MAX] {
            let said = last(document.as_bytes(), size);
            assert_eq!(said.as_deref(), Some(r#"{"input_tokens":3,"details":{"a":1}}"#), "{size}");
            assert_eq!(last(events.as_bytes(), size).as_deref(), Some(r#"{"a":2}"#), "{size}");
            assert_eq!(last(long.as_bytes(), size), None);
        }
        let far = format!(r#"{{"usage":{{"a":1}},"text":"{long}"}}"#);
        assert_eq!(last(far.as_bytes(), 1_000), None, "what is not at the end is not looked for");
        assert_eq!(last(br#"{"usage":{"a":1"#, 3), None, "nor what broke off");
    }

    #[test]
    fn what_was_made_is_learnt_and_the_files_of_a_batch_with_it() {
        let file = r#"{"id":"file-1","object":"file"}"#;
        assert_eq!(made(Learns::Own(Kept::File), file), [(Kept::File, "file-1".into())]);
        let upload = r#"{"id":"upload_1","file":{"id":"file-2"}}"#;
        assert_eq!(
            made(Learns::Own(Kept::File), upload),
            [(Kept::File, "upload_1".into()), (Kept::File, "file-2".into())]
        );
        let batch = r#"{"id":"b-1","output_file_id":"file-3","error_file_id":null}"#;
        assert_eq!(
            made(Learns::Batch, batch),
            [(Kept::Batch, "b-1".into()), (Kept::File, "file-3".into())]
        );
        let list = r#"{"object":"list","data":[{"id":"b-2"}],"id":"x"}"#;
        assert_eq!(made(Learns::List, list), [], "a list has others' among it");
        assert_eq!(made(Learns::Nothing, file), []);
    }
}
