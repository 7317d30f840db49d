//! Legacy completions where the vendor has them. A reply is read as a chat's is: its choices, counts and
//! end are the same.

use bytes::Bytes;
use ferro_core::{
    Decoder, Frame, ProviderError, Whole,
    chat::Chat,
    document::{Completions, DocumentReply, DocumentRequest},
};
use ferro_wire::Framing;
use http::response::Parts;

use super::Passed;
use crate::{
    Vendor,
    decode::{Asked, ChatDecoder},
    encode::{self, Doc},
};

impl Passed for Completions {
    const PATH: &'static str = "/completions";

    fn edit(
        vendor: &Vendor,
        request: &DocumentRequest<Self>,
        doc: &mut Doc<'_>,
    ) -> Result<(), ProviderError> {
        encode::ask_usage(vendor, doc, hides_usage(request))
    }

    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let asked =
            Asked { hides_usage: hides_usage(request), choices: vendor.choices(request.doc()) };
        Box::new(CompletionDecoder(ChatDecoder::new(vendor, asked)))
    }
}

/// Whether the client has a stream without the usage event that is asked for.
fn hides_usage(request: &DocumentRequest<Completions>) -> bool {
    use ferro_core::Subject;

    #[derive(Default, serde::Deserialize)]
    struct Options {
        include_usage: Option<bool>,
    }
    let options = request.doc().get::<Options>("stream_options").ok().flatten();
    request.wants_stream() && !options.unwrap_or_default().include_usage.unwrap_or_default()
}

/// Reads a completion.
struct CompletionDecoder(ChatDecoder);

impl Decoder<Completions> for CompletionDecoder {
    fn framing(&self) -> Framing {
        Decoder::<Chat>::framing(&self.0)
    }

    fn whole(
        &mut self,
        head: &Parts,
        body: Bytes,
    ) -> Result<DocumentReply<Completions>, ProviderError> {
        let reply = self.0.whole(head, body)?;
        let (usage, finish) = (reply.usage(), reply.finish());
        Ok(DocumentReply::new(reply.into_body(), usage).with_finish(finish))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.0.read(events, out)
    }

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    fn end(&mut self, tail: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        self.0.end(tail, out)
    }
}
