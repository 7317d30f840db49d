//! A chat request in Cohere's words.

mod fields;
mod messages;
mod tools;
mod unsaid;
mod write;

use bytes::Bytes;
use ferro_core::{
    Call, ErrorKind, ProviderError, Subject,
    chat::{ChatRequest, Source},
};

use crate::{ChatDecoder, Profile, decode::Asked};
pub use unsaid::unsaid;
use write::Object;

/// What stands around the messages, as far as its size can be guessed.
const BESIDE: usize = 1 << 10;

/// The body for a vendor that differs by `profile`, and who reads its reply.
///
/// # Errors
///
/// Of kind `Unsupported` for content that the vendor does not take, and of kind `Invalid` for what
/// no vendor would, each naming the field.
pub fn encode(
    profile: &Profile,
    call: &Call<'_>,
    request: &ChatRequest,
) -> Result<(Bytes, ChatDecoder), ProviderError> {
    let source = Source::of(request);
    let messages = source.messages()?;
    let size = request.doc().text("messages").map_or(0, |messages| messages.len());
    let mut out = Vec::with_capacity(size + size / 8 + BESIDE);
    let mut body = Object::begin(&mut out);
    if profile.names_model {
        body.text("model", call.model);
    }
    messages::write(body.member("messages"), &messages, profile)?;
    tools::write(&mut body, &source, request)?;
    fields::write(&mut body, profile, request)?;
    tools::write_format(&mut body, &source, request)?;
    if profile.says_stream {
        body.raw("stream", if request.wants_stream() { b"true" } else { b"false" });
    }
    body.end();
    let asked = Asked::of(call, request, messages::renamed(&messages, profile));
    Ok((out.into(), ChatDecoder::new(asked)))
}

fn invalid(message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(message)
}

fn unsupported(message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(message)
}

#[cfg(test)]
mod tests;
