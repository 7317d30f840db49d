//! The codec as its vendors use it.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, Need, ProviderError, Unsaid,
    chat::{Chat, ChatRequest},
};
use http::response::Parts;

use crate::{Profile, decode::GenerateDecoder, encode::Context, refusal};

impl Profile {
    /// The body for `generateContent` or `streamGenerateContent`, and who reads the answer.
    ///
    /// A stream is asked for by the path, with `alt=sse`.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid` where the request is wrong, and `Unsupported` where it holds what this vendor
    /// cannot take; both name the field.
    pub fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Bytes, Box<dyn Decoder<Chat>>), ProviderError> {
        let said = Context::new(self, call, request).say()?;
        let decoder = GenerateDecoder::new(call, request, &said);
        Ok((said.body.into(), Box::new(decoder)))
    }

    /// The media that have to be fetched: all but those that the vendor finds by itself.
    pub fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        Context::new(self, call, request).needs()
    }

    /// What of a request this wire has no words for.
    pub fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        Context::new(self, call, request).unsaid()
    }
}

/// Reads a refusal: the vendor's words and code, and what they mean.
pub fn refuse(head: &Parts, body: Bytes) -> ProviderError {
    refusal::read(head, body)
}
