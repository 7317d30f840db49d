//! Replies that are media, or words about them: audio as bytes, transcripts, pictures.

use std::{marker::PhantomData, ops::ControlFlow, time::Duration};

use bytes::Bytes;
use ferro_core::{
    Comes, Decoder, ErrorKind, Frame, ProviderError, Surface, Usage,
    chat::Picked,
    document::{DocumentReply, Says},
};
use ferro_wire::{Framing, sse};
use http::{HeaderValue, header, response::Parts};
use serde::Deserialize;

use crate::{
    Usages, Vendor, decode::completed, drawn::Drawn, passing::plain::Reply, refusal, usage,
};

/// How a surface of media answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The member without which a reply in JSON is none.
    pub(crate) result: &'static str,
    /// How the type of a stream's last event ends.
    pub(crate) last: &'static str,
    /// What a reply is that is neither JSON nor events.
    pub(crate) other: Comes,
    /// What a reply, or an event, says of what it took.
    pub(crate) takes: Takes,
}

/// What is taken, besides the characters that are spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Takes {
    /// Tokens, which stand in the usage.
    Tokens,
    /// Tokens, or how long was listened.
    Time,
    /// Tokens, or pictures.
    Pictures,
}

/// Tokens, or how long was listened: that stands in the usage too, or beside the words.
fn in_time(said: Option<&[u8]>, all: &[u8], convention: Usages) -> Option<Usage> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Time {
        seconds: Option<f64>,
        prompt_audio_seconds: Option<f64>,
        duration: Option<f64>,
    }
    let time = |json: &[u8]| serde_json::from_slice::<Time>(json).unwrap_or_default();
    let tokens = said.and_then(|said| usage::read(said, convention));
    let seconds = match said.map(time) {
        Some(Time { seconds, prompt_audio_seconds, .. }) => seconds.or(prompt_audio_seconds),
        None => time(all).duration,
    };
    let length = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let length = length.and_then(|length| u64::try_from(length.as_millis()).ok());
    match (tokens, length) {
        (tokens, None) => tokens,
        (None, Some(length)) => Some(Usage::heard(length)),
        (Some(tokens), Some(length)) => Some(tokens.with(|besides| besides.audio_ms = length)),
    }
}

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// More has to come.
    Ahead,
    /// The event has come that is the last to say anything; another of its kind may follow.
    Said,
    /// The end was marked.
    Marked,
}

/// Reads a reply that passes as it came, whichever of its forms it has.
pub(crate) struct MediaDecoder<S> {
    shape: Shape,
    codes: refusal::Codes,
    convention: Usages,
    /// Whether the reply is not JSON, although its content type may say so.
    is_plain: bool,
    is_bytes: bool,
    end: End,
    /// How many characters are spoken, until that was told.
    spoken: Option<u64>,
    /// The pictures that are asked for.
    drawn: Drawn,
    surface: PhantomData<fn() -> S>,
}

impl<S> MediaDecoder<S> {
    pub(crate) fn new(vendor: &Vendor, shape: Shape) -> Self {
        let (codes, convention) = (vendor.codes, vendor.profile.usage);
        Self {
            shape,
            codes,
            convention,
            is_plain: false,
            is_bytes: false,
            end: End::Ahead,
            spoken: None,
            drawn: Drawn::default(),
            surface: PhantomData,
        }
    }

    /// The same, for so many characters that are spoken: sound does not say what it took.
    pub(crate) fn speaking(self, characters: u64) -> Self {
        Self { spoken: Some(characters), ..self }
    }

    /// The same, where these pictures are asked for.
    pub(crate) fn drawing(self, drawn: Drawn) -> Self {
        Self { drawn, ..self }
    }

    /// The same, where the reply is asked for as plain text.
    pub(crate) fn plain(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }

    fn tokens(&self, said: Option<&[u8]>) -> Option<Usage> {
        usage::read(said?, self.convention)
    }

    fn event(&mut self, data: &[u8], out: &mut Frame) -> Result<(), ProviderError> {
        if data.trim_ascii() == b"[DONE]" {
            self.end = End::Marked;
            return Ok(());
        }
        let event = Event::of(data).map_err(|source| {
            let message = "an event of the upstream's stream is no JSON object";
            ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(source)
        })?;
        if event.is_error() {
            return Err(refusal::in_band(Bytes::copy_from_slice(data), self.codes));
        }
        let is_last = event.ends(self.shape.last);
        let said = match self.shape.takes {
            Takes::Pictures => self.drawn.event(event.usage, (data, is_last), self.convention),
            Takes::Time if event.usage.is_some() => in_time(event.usage, data, self.convention),
            Takes::Tokens | Takes::Time => self.tokens(event.usage),
        };
        out.usage = said.or(out.usage.take());
        if is_last {
            self.end = End::Said;
        }
        Ok(())
    }
}

impl<S> Decoder<S> for MediaDecoder<S>
where
    S: Surface<Whole = DocumentReply<S>> + Says,
{
    fn framing(&self) -> Framing {
        if self.is_bytes { Framing::RAW } else { sse::FRAMING }
    }

    fn comes(&mut self, head: &Parts) -> Option<Comes> {
        let comes = match essence(head) {
            b"text/event-stream" => return None,
            b"application/json" => Comes::Whole,
            _ => self.shape.other,
        };
        self.is_bytes = comes == Comes::Bytes;
        self.is_plain |= essence(head) != b"application/json";
        Some(comes)
    }

    fn whole(&mut self, head: &Parts, body: Bytes) -> Result<DocumentReply<S>, ProviderError> {
        let content_type = head.headers.get(header::CONTENT_TYPE).cloned();
        let reply = match Reply::read(&body, self.shape.result) {
            Ok(reply) => reply,
            Err(_) if self.is_plain => {
                let plain = content_type.unwrap_or(HeaderValue::from_static("text/plain"));
                return Ok(DocumentReply::new(body, None).with_content_type(plain));
            }
            Err(source) => {
                let shape = "the upstream's reply is not the JSON object that it should be";
                let error = ProviderError::new(ErrorKind::Malformed).with_message(shape);
                return Err(error.with_source(source));
            }
        };
        reply.check(&body, self.shape.result, self.codes)?;
        let usage = match self.shape.takes {
            Takes::Pictures => self.drawn.whole(reply.usage, &body, self.convention),
            Takes::Time => in_time(reply.usage, &body, self.convention),
            Takes::Tokens => self.tokens(reply.usage),
        };
        Ok(DocumentReply::new(body, usage))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if self.is_bytes {
            out.usage = self.spoken.take().map(Usage::spoken).or(out.usage.take());
            out.bytes = events;
            return Ok(());
        }
        out.pass(events, |event, out| {
            if !event.is_silent() {
                self.event(&event.data(), out)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    fn is_finished(&self) -> bool {
        self.end == End::Marked
    }

    /// Bytes end where their body ends, and so do events whose last has come. Some leave out the blank
    /// line behind it.
    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        if self.is_bytes {
            return Ok(());
        }
        if let Some(last) = completed(&tail) {
            let before = std::mem::take(&mut out.bytes);
            let read = self.read(last, out);
            out.bytes = [&before[..], &out.bytes].concat().into();
            read?;
        }
        if self.end != End::Ahead {
            return Ok(());
        }
        let message = "the upstream's stream ended before it said that it was finished";
        Err(ProviderError::new(ErrorKind::Interrupted).with_message(message))
    }
}

/// The content type without its parameters.
fn essence(head: &Parts) -> &[u8] {
    let value = head.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// The members that are read of an event which says its type.
#[derive(Default)]
pub(crate) struct Event<'a> {
    kind: Option<&'a [u8]>,
    pub(crate) usage: Option<&'a [u8]>,
    error: Option<&'a [u8]>,
}

impl<'a> Picked<'a> for Event<'a> {
    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            b"type" => &mut self.kind,
            b"usage" => &mut self.usage,
            b"error" => &mut self.error,
            _ => return None,
        })
    }
}

impl Event<'_> {
    pub(crate) fn is_error(&self) -> bool {
        self.error.is_some() || self.kind == Some(br#""error""#)
    }

    /// Whether its type ends like this.
    pub(crate) fn ends(&self, word: &str) -> bool {
        let kind = self.kind.and_then(|kind| kind.strip_suffix(b"\""));
        kind.is_some_and(|kind| kind.ends_with(word.as_bytes()))
    }
}
