//! The laws of a chat dialect over all bytes: what it writes for a vendor, and what it makes of a reply.

use std::time::SystemTime;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Fetched, Finish, Frame, Media, Need, Payload, ProviderError, Subject,
    Surface as _, TargetId, Usage, Whole as _, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_wire::{Cutter, sse};
use http::response::Parts;
use serde::de::IgnoredAny;

use crate::cuts;

/// What the replies answer, without a stream.
const WHOLE: [&str; 3] = [
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"n":2,"logprobs":true}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"a.b","parameters":{"type":"object"}}}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"x":{"type":"integer"}}}}}}"#,
];
/// What they answer with one.
const STREAMED: [&str; 3] = [
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"n":2,"stream_options":{"include_usage":true}}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"a.b","parameters":{"type":"object"}}}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"x":{"type":"integer"}}}}}}"#,
];
/// What is found where a request says that media are, one after the other.
const MEDIA: [(&str, &[u8]); 3] =
    [("image/png", b"\x89PNG\r\n\x1a\n"), ("application/pdf", b"%PDF-1.7"), ("text/plain", b"hi")];

/// Bytes as a client's request for `model`, and for the one that it names: if they are one, it is said
/// twice in the same way, in JSON, or refused twice for the same reason; streamed or not.
pub fn request(wire: &dyn Wire<Chat>, model: &str, bytes: &[u8]) {
    let Ok(request) = ChatRequest::parse(bytes.to_vec()) else { return };
    for (model, stream) in [(model, false), (model, true), (request.model(), false)] {
        let request = request.clone().with_stream(stream);
        let said = encode(wire, model, &request).map(|(said, _)| said);
        let again = encode(wire, model, &request).map(|(said, _)| said);
        match (said, again) {
            (Ok(said), Ok(again)) => {
                assert_eq!(said, again, "the same request is the same bytes");
                is_json(&said.1);
            }
            (Err(error), Err(again)) => {
                assert_eq!((error.kind(), error.message()), (again.kind(), again.message()));
            }
            (said, again) => panic!("once {said:?}, then {again:?}"),
        }
        let target = TargetId::from("fuzz");
        let call = Call::new(&target, model);
        assert_eq!(wire.unsaid(&call, &request), wire.unsaid(&call, &request));
    }
}

/// Bytes as a reply of `model` in one piece: what a client gets is JSON, and a refusal keeps its words.
pub fn whole(wire: &dyn Wire<Chat>, model: &str, bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    for mut decoder in decoders(wire, model, WHOLE) {
        if let Ok(whole) = decoder.whole(&head(200), bytes.clone()) {
            is_json(&whole.into_body().to_bytes());
        }
    }
    for status in [400, 401, 404, 429, 500, 529] {
        let refused = wire.refuse(&head(status), bytes.clone());
        assert_eq!((refused.status(), refused.body()), (Some(head(status).status), &bytes));
    }
}

/// Bytes as a stream of `model`: however they arrive, a client gets the same events, each of them in one
/// frame, the same is known of them, and they end in the same way.
pub fn stream(wire: &dyn Wire<Chat>, model: &str, bytes: &[u8]) {
    heard(wire, model, bytes);
}

/// The same for a wire that passes none of the vendor's events on, but writes its own: whatever came, a
/// client gets JSON, but for the word at the end.
pub fn written_stream(wire: &dyn Wire<Chat>, model: &str, bytes: &[u8]) {
    for (_, said) in heard(wire, model, bytes).into_iter().flat_map(|heard| heard.events) {
        if said != "[DONE]" {
            is_json(said.as_bytes());
        }
    }
}

/// What is heard of a stream by each who asked for one, however it arrives.
fn heard(wire: &dyn Wire<Chat>, model: &str, bytes: &[u8]) -> Vec<Heard> {
    let bytes = Bytes::copy_from_slice(bytes);
    let together = decoders(wire, model, STREAMED);
    let together: Vec<_> =
        together.map(|decoder| Heard::of(decoder, vec![bytes.clone()])).collect();
    for pieces in cuts(&bytes) {
        let count = pieces.len();
        for (decoder, together) in decoders(wire, model, STREAMED).zip(&together) {
            let apart = Heard::of(decoder, pieces.clone());
            assert!(apart.agrees(together), "in {count} pieces {apart:?}\nin one {together:?}");
        }
    }
    together
}

/// An event's name and what it says.
type Event = (Option<String>, String);

/// What a client gets of a stream, and what is known of it.
#[derive(Debug, PartialEq)]
struct Heard {
    events: Vec<Event>,
    usage: Option<Usage>,
    finish: Option<Finish>,
    error: Option<ErrorKind>,
    is_finished: bool,
}

impl Heard {
    /// Reads as the driver does: whole events as they arrive, until the decoder is finished or fails.
    fn of(mut decoder: Box<dyn Decoder<Chat>>, pieces: Vec<Bytes>) -> Self {
        let mut cutter = Cutter::new(decoder.framing(), usize::MAX);
        let mut heard =
            Self { events: Vec::new(), usage: None, finish: None, error: None, is_finished: false };
        for piece in pieces {
            cutter.push(piece);
            let events = cutter.cut().expect("no event is larger than all memory");
            if !events.is_empty() {
                heard.take(|frame| decoder.read(events, frame));
            }
            // Who fails is not asked whether it is finished.
            heard.is_finished = heard.error.is_none() && decoder.is_finished();
            if heard.is_finished || heard.error.is_some() {
                return heard;
            }
        }
        heard.take(|frame| decoder.end(cutter.rest(), frame));
        heard
    }

    fn take(&mut self, read: impl FnOnce(&mut Frame) -> Result<(), ProviderError>) {
        let mut frame = Frame::default();
        self.error = read(&mut frame).err().map(|error| error.kind());
        assert_eq!(Chat::FRAMING.whole(&frame.bytes), frame.bytes.len(), "a frame is whole events");
        let loud = sse::events(&frame.bytes).filter(|event| !event.is_silent());
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        self.events.extend(loud.map(|event| (event.name().map(shown), shown(&event.data()))));
        self.usage = frame.usage.or(self.usage.take());
        self.finish = frame.finish.or(self.finish);
    }

    /// Whether this, of a stream in pieces, is the same as that of the stream in one. What comes
    /// behind the end is not listened to, but may have arrived with it.
    fn agrees(&self, together: &Self) -> bool {
        if self.is_finished && together.is_finished {
            return together.events.starts_with(&self.events);
        }
        self == together
    }
}

type Said = (String, Bytes);

fn encode(
    wire: &dyn Wire<Chat>,
    model: &str,
    request: &ChatRequest,
) -> Result<(Said, Box<dyn Decoder<Chat>>), ProviderError> {
    let target = TargetId::from("t");
    let mut call = Call::new(&target, model);
    call.now = SystemTime::UNIX_EPOCH;
    let needs = wire.needs(&call, request);
    let call = call.with_media(fetched(needs));
    let (outbound, decoder) = wire.encode(&call, request)?;
    let (head, payload) = outbound.into_parts();
    let Payload::Rope(body) = payload else { panic!("a chat request is bytes that are held") };
    Ok(((format!("{head:?}"), body.to_bytes()), decoder))
}

fn fetched(needs: Vec<Need>) -> Media {
    let found = needs.into_iter().zip(MEDIA.into_iter().cycle());
    Media::new(found.map(|(need, (media_type, bytes))| {
        let bytes = Bytes::from_static(bytes);
        (need.url, Fetched { media_type: media_type.into(), bytes })
    }))
}

/// Who reads the replies to those of these requests that the wire has words for.
fn decoders(
    wire: &dyn Wire<Chat>,
    model: &str,
    asked: [&'static str; 3],
) -> impl Iterator<Item = Box<dyn Decoder<Chat>>> {
    asked.into_iter().enumerate().filter_map(move |(at, asked)| {
        let request = ChatRequest::parse(asked.as_bytes().to_vec()).expect("it is a request");
        let encoded = encode(wire, model, &request);
        assert!(at > 0 || encoded.is_ok(), "the plainest request can be said");
        encoded.ok().map(|(_, decoder)| decoder)
    })
}

fn head(status: u16) -> Parts {
    let response = http::Response::builder().status(status).body(());
    response.expect("it is a status").into_parts().0
}

fn is_json(bytes: &[u8]) {
    let read = serde_json::from_slice::<IgnoredAny>(bytes);
    assert!(read.is_ok(), "{read:?}: {}", String::from_utf8_lossy(bytes));
}
