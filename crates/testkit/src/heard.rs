//! What came of a call, and how two such compare.

use bytes::Bytes;
use ferro_core::{
    Delta, ErrorKind, Finish, Frame, ProviderError, Reply, ReplyBody, Surface, Usage, Whole,
};
use ferro_wire::sse;
use futures_util::StreamExt;
use serde_json::Value;

/// What came of a call.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Heard {
    /// Whether it came as a stream of events.
    pub is_stream: bool,
    /// What is written to the client; a reply in one piece is one frame.
    pub frames: Vec<Frame>,
    /// What it took, as last said.
    pub usage: Option<Usage>,
    /// Why the first choice ended.
    pub finish: Option<Finish>,
    /// What came in place of a reply, or broke it off.
    pub error: Option<ProviderError>,
    /// Something came after the error.
    pub(crate) goes_on: bool,
}

/// What must be the same however the bytes arrive.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Gist {
    bytes: Bytes,
    usage: Option<Usage>,
    finish: Option<Finish>,
    error: Option<(ErrorKind, Option<String>)>,
}

impl Heard {
    /// Listens to what is served until its end.
    pub async fn of<S: Surface>(served: Result<Reply<S>, ProviderError>) -> Self {
        match served {
            Ok(reply) => Self::listen(reply).await,
            Err(error) => Self { error: Some(error), ..Self::default() },
        }
    }

    /// Listens to a reply until its end, its error, or what should not be there behind that.
    pub(crate) async fn listen<S: Surface>(reply: Reply<S>) -> Self {
        let mut heard = Self::default();
        let is_stream = matches!(reply.body, ReplyBody::Stream(_));
        match reply.body {
            ReplyBody::Whole(whole) => {
                (heard.usage, heard.finish) = (whole.usage(), whole.finish());
                heard.frames.push(Frame::new(whole.into_body().to_bytes()));
            }
            ReplyBody::Stream(mut frames) | ReplyBody::Bytes(mut frames) => {
                heard.is_stream = is_stream;
                while let Some(frame) = frames.next().await {
                    match frame {
                        Ok(frame) => heard.take(frame),
                        Err(error) => {
                            heard.error = Some(error);
                            heard.goes_on = frames.next().await.is_some();
                            break;
                        }
                    }
                }
            }
        }
        heard
    }

    fn take(&mut self, frame: Frame) {
        if let Some(usage) = &frame.usage {
            self.usage = Some(usage.clone());
        }
        self.finish = frame.finish.or(self.finish);
        self.frames.push(frame);
    }

    /// What is written to the client.
    pub fn bytes(&self) -> Bytes {
        match &self.frames[..] {
            [frame] => frame.bytes.clone(),
            frames => frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>().concat().into(),
        }
    }

    /// The JSON that the client reads: a reply, or the events of a stream that hold some.
    pub fn json(&self) -> Vec<Value> {
        let bytes = self.bytes();
        if !self.is_stream {
            return serde_json::from_slice(&bytes).into_iter().collect();
        }
        let events = sse::events(&bytes);
        events.filter_map(|event| serde_json::from_slice(&event.data()).ok()).collect()
    }

    /// The first choice's message, as a client of OpenAI's keeps it to send it back.
    pub fn message(&self) -> Value {
        let said = self.json();
        let choices = said.iter().map(|said| &said["choices"][0]);
        if !self.is_stream {
            return choices.map(|choice| choice["message"].clone()).next().unwrap_or_default();
        }
        let mut message = Value::Null;
        choices.for_each(|choice| add(&mut message, &choice["delta"]));
        message
    }

    /// What was said and learnt. Of a stream, what its events say: where the line breaks between two
    /// of them are cut says nothing.
    pub(crate) fn gist(&self) -> Gist {
        let error = self.error.as_ref();
        let bytes = self.bytes();
        Gist {
            bytes: if self.is_stream { loud(&bytes) } else { bytes },
            usage: self.usage.clone(),
            finish: self.finish,
            error: error.map(|error| (error.kind(), error.message().map(str::to_owned))),
        }
    }

    /// The texts that a client reads, in order; those of a stream event by event.
    pub(crate) fn texts<S: Surface>(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut see = |_, text: &str| texts.push(text.to_owned());
        let bytes = self.bytes();
        if self.is_stream {
            let mut rest = bytes;
            while S::FRAMING.first(&rest) > 0 {
                let event = rest.split_to(S::FRAMING.first(&rest));
                if let Ok(event) = S::Event::read(event) {
                    event.texts(&mut see);
                }
            }
        } else if let Some(whole) = S::Whole::replay(bytes.into()).as_delta() {
            whole.texts(&mut see);
        }
        texts
    }

    /// The error, which there must be.
    pub(crate) fn error(&self) -> Result<&ProviderError, String> {
        let end = || format!("no error, but {}", excerpt(&self.bytes()));
        self.error.as_ref().ok_or_else(end)
    }
}

impl Gist {
    /// Says in what two hearings differ.
    pub(crate) fn difference(&self, other: &Self) -> String {
        if self.bytes != other.bytes {
            let pairs = self.bytes.iter().zip(&other.bytes);
            let at = pairs.take_while(|(a, b)| a == b).count();
            let from = at.saturating_sub(20);
            return format!(
                "bytes differ at {at}: …{} against …{}",
                excerpt(&self.bytes[from.min(self.bytes.len())..]),
                excerpt(&other.bytes[from.min(other.bytes.len())..])
            );
        }
        let Self { bytes: _, usage, finish, error } = self;
        format!(
            "{usage:?}, {finish:?}, {error:?} against {:?}, {:?}, {:?}",
            other.usage, other.finish, other.error
        )
    }
}

/// Adds what is new to what was said, as OpenAI's clients do: texts grow, and the items of a list are
/// told apart by their `index`.
fn add(said: &mut Value, delta: &Value) {
    match (&mut *said, delta) {
        (_, Value::Null) => {}
        (Value::String(text), Value::String(more)) => text.push_str(more),
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more {
                let member = members.entry(name.as_str()).or_insert(Value::Null);
                match name.as_str() {
                    "id" | "type" | "role" | "name" | "format" | "index" => *member = value.clone(),
                    _ => add(member, value),
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => {
            for item in more {
                let same = items.iter_mut().find(|known| known["index"] == item["index"]);
                match same.filter(|_| item["index"].is_u64()) {
                    Some(known) => add(known, item),
                    None => items.push(item.clone()),
                }
            }
        }
        (Value::Null, Value::Array(_)) => {
            *said = Value::Array(Vec::new());
            add(said, delta);
        }
        _ => *said = delta.clone(),
    }
}

/// The events that say something, each without the blank line behind it.
pub(crate) fn loud(bytes: &[u8]) -> Bytes {
    let events = sse::events(bytes).filter(|event| !event.is_silent());
    let lines: Vec<_> = events.flat_map(|event| [event.raw.trim_ascii(), b"\n"]).collect();
    lines.concat().into()
}

/// The beginning of some bytes, for a message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.chars().count() <= 200 {
        return format!("`{text}`");
    }
    format!("`{}…` ({} bytes)", text.chars().take(200).collect::<String>(), bytes.len())
}
