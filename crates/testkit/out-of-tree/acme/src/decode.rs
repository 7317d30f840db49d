//! What this vendor answers, as a chat reply: one JSON object, or one on each line.

use std::time::Duration;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Finish, Frame, ProviderError, Usage,
    chat::{Chat, ChatResponse, Choice, Chunks, ReplyHead, Said},
};
use ferro_wire::{Framing, ndjson};
use http::response::Parts;
use serde::Deserialize;

/// An answer, or a piece of one: the last piece says why it stopped.
#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    says: String,
    #[serde(default)]
    stopped: Option<Stopped>,
    #[serde(default)]
    spent: Option<Spent>,
    #[serde(default)]
    trouble: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stopped {
    Done,
    AtMost,
}

#[derive(Clone, Copy, Deserialize)]
struct Spent {
    heard: u64,
    said: u64,
}

/// Reads one reply.
pub(crate) struct SpeechDecoder {
    head: ReplyHead,
    chunks: Chunks,
    wants_usage: bool,
    has_begun: bool,
    is_finished: bool,
}

impl SpeechDecoder {
    pub(crate) fn new(model: &str, wants_usage: bool) -> Self {
        let head = ReplyHead::new("chatcmpl-acme", 0, model);
        let chunks = Chunks::new(&head);
        Self { head, chunks, wants_usage, has_begun: false, is_finished: false }
    }

    fn line(
        &mut self,
        line: &[u8],
        bytes: &mut Vec<u8>,
        out: &mut Frame,
    ) -> Result<(), ProviderError> {
        let piece = read(line)?;
        if !piece.says.is_empty() {
            let begins = !std::mem::replace(&mut self.has_begun, true);
            let said = Said { begins, content: Some(&piece.says), ..Said::default() };
            self.chunks.say(bytes, 0, &said);
        }
        let Some(stopped) = piece.stopped else { return Ok(()) };
        let (finish, native) = stopped.finish();
        self.chunks.stop(bytes, 0, finish, native);
        out.usage = piece.spent.map(Spent::usage);
        if let Some(usage) = out.usage.as_ref().filter(|_| self.wants_usage) {
            self.chunks.usage(bytes, usage);
        }
        self.chunks.done(bytes);
        out.finish = Some(finish);
        self.is_finished = true;
        Ok(())
    }
}

impl Decoder<Chat> for SpeechDecoder {
    fn framing(&self) -> Framing {
        ndjson::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        let piece = read(&body)?;
        let (finish, native_finish) = piece.stopped.map(Stopped::finish).unzip();
        let said = Said { content: Some(&piece.says), ..Said::default() };
        let choice = Choice { said, finish, native_finish, ..Choice::default() };
        Ok(self.head.whole(&[choice], piece.spent.map(Spent::usage), &[]))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::new();
        let mut result = Ok(());
        for line in ndjson::lines(&events) {
            result = self.line(line, &mut bytes, out);
            if result.is_err() || self.is_finished {
                break;
            }
        }
        // What was said before an error still goes to the client.
        out.bytes = bytes.into();
        result
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }
}

/// A refusal: the vendor's words, and when to come back.
pub(crate) fn trouble(head: &Parts, body: Bytes) -> ProviderError {
    #[derive(Deserialize)]
    struct Trouble {
        trouble: String,
        again_in: Option<u64>,
    }
    let words = serde_json::from_slice::<Trouble>(&body).ok();
    let error = ProviderError::from_response(head, body);
    let Some(Trouble { trouble, again_in }) = words else { return error };
    let error = error.with_message(trouble);
    again_in.map(Duration::from_secs).into_iter().fold(error, ProviderError::with_retry_after)
}

fn read(text: &[u8]) -> Result<Piece, ProviderError> {
    let piece: Piece = serde_json::from_slice(text)
        .map_err(|error| ProviderError::new(ErrorKind::Malformed).with_source(error))?;
    match piece.trouble {
        Some(words) => Err(ProviderError::new(ErrorKind::Unavailable).with_message(words)),
        None => Ok(piece),
    }
}

impl Stopped {
    /// Why it stopped, in our word and in the vendor's.
    fn finish(self) -> (Finish, &'static str) {
        match self {
            Self::Done => (Finish::Stop, "done"),
            Self::AtMost => (Finish::Length, "at_most"),
        }
    }
}

impl Spent {
    fn usage(self) -> Usage {
        Usage::new(self.heard, self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = concat!(
        "{\"says\":\"Hel\"}\n",
        "{\"says\":\"lo\"}\n",
        "{\"stopped\":\"done\",\"spent\":{\"heard\":3,\"said\":2}}\n",
    );

    fn decode(pieces: &[&str]) -> (String, Frame, bool) {
        let mut decoder = SpeechDecoder::new("brain-1", false);
        let (mut text, mut last) = (String::new(), Frame::default());
        for piece in pieces {
            let mut frame = Frame::default();
            decoder.read(Bytes::copy_from_slice(piece.as_bytes()), &mut frame).unwrap();
            text += std::str::from_utf8(&frame.bytes).unwrap();
            last = frame;
        }
        (text, last, decoder.is_finished())
    }

    #[test]
    fn a_stream_says_the_same_however_its_lines_arrive() {
        let (together, last, is_finished) = decode(&[STREAM]);
        let lines: Vec<_> = STREAM.split_inclusive('\n').collect();
        assert_eq!(decode(&lines).0, together);
        assert!(together.contains(r#""delta":{"role":"assistant","content":"Hel"}"#), "{together}");
        assert!(together.ends_with("data: [DONE]\n\n") && is_finished, "{together}");
        assert_eq!((last.usage, last.finish), (Some(Usage::new(3, 2)), Some(Finish::Stop)));
    }

    #[test]
    fn a_stream_that_ends_early_is_interrupted() {
        let mut decoder = SpeechDecoder::new("brain-1", false);
        let mut frame = Frame::default();
        decoder.read(Bytes::from_static(b"{\"says\":\"Hel\"}\n"), &mut frame).unwrap();
        assert!(!decoder.is_finished());
        let error = decoder.end(Bytes::new(), &mut frame).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }

    #[test]
    fn trouble_in_a_stream_comes_after_what_was_said() {
        let text = "{\"says\":\"Hel\"}\n{\"trouble\":\"stage fright\"}\n";
        let mut frame = Frame::default();
        let read =
            SpeechDecoder::new("b", false).read(Bytes::from_static(text.as_bytes()), &mut frame);
        assert_eq!(read.unwrap_err().message(), Some("stage fright"));
        assert!(!frame.bytes.is_empty());
    }

    #[test]
    fn a_refusal_keeps_the_words_and_the_wait() {
        let head = http::Response::builder().status(429).body(()).unwrap().into_parts().0;
        let error = trouble(&head, Bytes::from_static(br#"{"trouble":"hoarse","again_in":7}"#));
        assert_eq!((error.kind(), error.message()), (ErrorKind::RateLimited, Some("hoarse")));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
}
