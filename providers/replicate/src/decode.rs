//! The events of a prediction's stream: `output` in plain text, then `done`.

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{
    Decoder, ErrorKind, Frame, ProviderError,
    chat::{Chat, ChatResponse, Chunks, Said},
};
use ferro_wire::{Framing, sse};
use http::response::Parts;
use serde::Deserialize;

use crate::{
    prediction::{failed, malformed, stopped},
    running::Progress,
};

/// Reads the stream of one prediction. What ends the reply is written by whoever asks, then, what the
/// prediction took.
pub(crate) struct OutputDecoder {
    chunks: Chunks,
    progress: Progress,
    has_begun: bool,
    is_done: bool,
}

impl OutputDecoder {
    /// Writes `chunks`, and keeps the prediction's `progress`.
    pub(crate) fn new(chunks: Chunks, progress: Progress) -> Self {
        Self { chunks, progress, has_begun: false, is_done: false }
    }

    fn event(&mut self, event: sse::Event<'_>, bytes: &mut Vec<u8>) -> Result<(), ProviderError> {
        let data = event.data();
        match event.name() {
            Some(b"output") => {
                let text = String::from_utf8_lossy(&data);
                self.progress.wrote(text.len());
                let begins = !std::mem::replace(&mut self.has_begun, true);
                let content = Some(&*text).filter(|text| !text.is_empty());
                if begins || content.is_some() {
                    self.chunks.say(bytes, 0, &Said { begins, content, ..Said::default() });
                }
                Ok(())
            }
            Some(b"error") => {
                self.progress.end();
                Err(failed(Bytes::from(data.into_owned())))
            }
            Some(b"done") => {
                self.progress.end();
                self.is_done = true;
                end(data)
            }
            // What the model logs is nobody's reply.
            _ => Ok(()),
        }
    }
}

/// Why a stream is done: if nothing is said, because the model was.
fn end(data: Cow<'_, [u8]>) -> Result<(), ProviderError> {
    #[derive(Deserialize)]
    struct Done {
        #[serde(default)]
        reason: Option<String>,
    }
    let reason = serde_json::from_slice::<Done>(&data).ok().and_then(|done| done.reason);
    let said = |error: ProviderError| error.with_body(Bytes::from(data.into_owned()));
    match reason.as_deref() {
        None | Some("") => Ok(()),
        Some("canceled") => Err(said(stopped())),
        Some(reason) => {
            let message = format!("the prediction ended: {reason}");
            Err(said(ProviderError::new(ErrorKind::Unavailable).with_message(message)))
        }
    }
}

impl Decoder<Chat> for OutputDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, _: Bytes) -> Result<ChatResponse, ProviderError> {
        Err(malformed("a stream is no reply in one piece"))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = std::mem::take(&mut out.bytes).to_vec();
        let mut read = Ok(());
        for event in sse::events(&events) {
            read = self.event(event, &mut bytes);
            if read.is_err() || self.is_done {
                break;
            }
        }
        // What was said before an error still goes to the client.
        out.bytes = bytes.into();
        read
    }

    fn is_finished(&self) -> bool {
        self.is_done
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::chat::ReplyHead;
    use ferro_wire::Cutter;
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = "event: output\nid: 1:0\ndata: Once – upon\n\nevent: logs\ndata: x\n\n: hi\n\n\
                          event: output\r\ndata:  a\r\ndata: time\r\n\r\nevent: done\ndata: {}\n\n";

    fn heard(bytes: &[u8], cuts: &[usize]) -> (Vec<u8>, Option<ErrorKind>, bool) {
        let over = Progress::default();
        let mut decoder =
            OutputDecoder::new(Chunks::new(&ReplyHead::new("p", 1, "m")), over.clone());
        let mut cutter = Cutter::new(decoder.framing(), 1 << 20);
        let mut places: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let mut said = Vec::new();
        for pair in places.windows(2) {
            cutter.push(Bytes::copy_from_slice(&bytes[pair[0]..pair[1]]));
            let mut frame = Frame::default();
            let read = decoder.read(cutter.cut().unwrap(), &mut frame);
            said.extend_from_slice(&frame.bytes);
            if let Err(error) = read {
                return (said, Some(error.kind()), over.is_over());
            }
        }
        let end = match decoder.is_finished() {
            true => None,
            false => decoder.end(cutter.rest(), &mut Frame::default()).err().map(|e| e.kind()),
        };
        (said, end, over.is_over())
    }

    #[test]
    fn one_space_behind_the_colon_is_the_formats_and_the_next_is_the_models() {
        let (said, end, is_over) = heard(STREAM.as_bytes(), &[]);
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains(r#"{"role":"assistant","content":"Once – upon"}"#), "{said}");
        assert!(said.contains(r#"{"content":" a\ntime"}"#), "{said}");
        assert_eq!((end, is_over), (None, true));
        assert!(!said.contains("DONE"), "the end is written by whoever asks what it took");
    }

    #[test]
    fn a_stream_that_is_done_for_a_reason_is_no_success() {
        for (done, kind) in [
            (r#"{"reason":"canceled"}"#, ErrorKind::Interrupted),
            (r#"{"reason":"error"}"#, ErrorKind::Unavailable),
        ] {
            let stream = format!("event: done\ndata: {done}\n\n");
            let (_, end, is_over) = heard(stream.as_bytes(), &[]);
            assert_eq!((end, is_over), (Some(kind), true));
        }
        let (_, end, is_over) = heard(b"event: error\ndata: CUDA out of memory\n\n", &[]);
        assert_eq!((end, is_over), (Some(ErrorKind::Unavailable), true));
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_events(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
            let whole = heard(STREAM.as_bytes(), &[]);
            prop_assert_eq!(heard(STREAM.as_bytes(), &cuts), whole);
        }

        #[test]
        fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            heard(&bytes, &[]);
            let _read = crate::prediction::Prediction::read(&bytes.into());
        }

        #[test]
        fn half_a_stream_is_no_whole(at in 0..STREAM.len() - 1) {
            let (_, end, is_over) = heard(&STREAM.as_bytes()[..at], &[]);
            prop_assert_eq!((end, is_over), (Some(ErrorKind::Interrupted), false));
        }
    }
}
