//! Claude for requests that are in Anthropic's wire already: `InvokeModel`, whose body is theirs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Frame, Host, Payload, ProviderError,
    document::{CountTokens, DocumentReply, Messages},
};
use ferro_dialect_anthropic::{MessagesDecoder, Operation, Profile, Site};
use ferro_wire::{Framing, Rope, event_stream, sse};
use http::{HeaderMap, Request, Uri, response::Parts};
use serde::Deserialize;

use crate::{
    count,
    decode::{failed, malformed},
    model::{Family, Model},
    provider::Runtime,
    refusal,
};

/// The runtime of one region, as requests in Anthropic's wire reach it.
#[derive(Debug)]
pub(crate) struct Invoke {
    profile: Profile,
    runtime: Runtime,
}

impl Invoke {
    pub(crate) fn new(runtime: Runtime) -> Self {
        Self { profile: Profile::bedrock(), runtime }
    }
}

impl Site for Invoke {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, call: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let model = Model::new(call.model, self.runtime.family);
        if model.family.is_some_and(|family| family != Family::Anthropic) {
            let message = format!("`{}` is asked in another wire than Anthropic's", call.model);
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
        }
        match operation {
            Operation::Message => self.runtime.uri(&model, "invoke"),
            Operation::Stream => self.runtime.uri(&model, "invoke-with-response-stream"),
            // It is a model that counts, and none of the profiles that lead to it.
            Operation::Count => {
                self.runtime.has(&model)?;
                self.runtime.uri(&model.foundation(), "count-tokens")
            }
        }
    }

    fn headers(&self) -> HeaderMap {
        self.runtime.headers.clone()
    }

    fn decoder(&self) -> Box<dyn Decoder<Messages>> {
        Box::<InvokeDecoder>::default()
    }

    fn counted(&self, body: Rope) -> Result<Rope, ProviderError> {
        count::said(body)
    }

    fn count_decoder(&self) -> Box<dyn Decoder<CountTokens>> {
        count::decoder()
    }
}

impl Host for Invoke {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.runtime.show(credential, request, call.now)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.runtime.refused(head, body)
    }
}

/// Reads a message whose events come in frames of AWS's.
#[derive(Debug, Default)]
struct InvokeDecoder(MessagesDecoder);

/// What a frame holds.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    bytes: &'a str,
}

impl InvokeDecoder {
    /// Writes each frame's event as Anthropic itself would frame it.
    fn frames(
        &mut self,
        events: &[u8],
        bytes: &mut Vec<u8>,
        out: &mut Frame,
    ) -> Result<(), ProviderError> {
        for frame in event_stream::frames(events) {
            let frame = frame.map_err(|error| malformed("an event is damaged", error))?;
            failed(&frame)?;
            let chunk: Chunk<'_> = serde_json::from_slice(frame.payload())
                .map_err(|error| malformed("an event holds no bytes", error))?;
            let json = STANDARD
                .decode(chunk.bytes)
                .map_err(|error| malformed("an event's bytes are no base64", error))?;
            self.0.event(&json, out)?;
            sse::write(bytes, MessagesDecoder::name(&json), &json);
            if Decoder::is_finished(&self.0) {
                break;
            }
        }
        Ok(())
    }
}

impl Decoder<Messages> for InvokeDecoder {
    fn framing(&self) -> Framing {
        event_stream::FRAMING
    }

    fn whole(
        &mut self,
        head: &Parts,
        body: Bytes,
    ) -> Result<DocumentReply<Messages>, ProviderError> {
        let read = self.0.whole(head, body.clone());
        // What is no message may be an error in AWS's words.
        read.map_err(|error| refusal::in_success(&body).unwrap_or(error))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::with_capacity(events.len());
        let result = self.frames(&events, &mut bytes, out);
        // What was said before an error still goes to the client.
        out.bytes = bytes.into();
        result
    }

    fn is_finished(&self) -> bool {
        Decoder::is_finished(&self.0)
    }
}
