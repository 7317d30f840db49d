//! Replies that are passed on as they are, and what they tell of things that were made.

use bytes::Bytes;
use ferro_wire::Framing;
use http::{HeaderValue, StatusCode, header, response::Parts};

use super::{Forward, ForwardRequest};
use crate::{
    Comes, Decoder, Frame, Kept, ProviderError, Subject, Thing,
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
            Some(Kept::MessageBatch) => Self::Own(Kept::MessageBatch),
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
}

/// Hands a reply on as it comes, and tells what was made.
#[derive(Debug)]
pub struct ForwardDecoder<W> {
    learns: Learns,
    words: W,
}

impl<W: VendorWords> ForwardDecoder<W> {
    /// Reads the reply to this request.
    pub fn new(request: &ForwardRequest, words: W) -> Self {
        Self { learns: Learns::of(request), words }
    }
}

impl<W: VendorWords> Decoder<Forward> for ForwardDecoder<W> {
    fn framing(&self) -> Framing {
        Framing::RAW
    }

    fn comes(&mut self, head: &Parts) -> Option<Comes> {
        let says = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let length = says(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        let is_json =
            says(header::CONTENT_TYPE).is_some_and(|it| it.starts_with("application/json"));
        let is_small = length.is_some_and(|length| length <= SMALL);
        let is_nothing = length == Some(0) || head.status == StatusCode::NO_CONTENT;
        let is_telling = self.learns != Learns::Nothing || is_small;
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
        Ok(DocumentReply::new(self.words.shown(body), None)
            .with_content_type(content_type)
            .with_made(made))
    }

    fn read(&mut self, bytes: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        out.bytes = bytes;
        Ok(())
    }

    fn is_finished(&self) -> bool {
        false
    }

    /// Bytes are over when their body is.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if !tail.is_empty() {
            out.bytes = tail;
        }
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
