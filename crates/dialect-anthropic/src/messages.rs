//! The codec as a value: what a host of this wire needs in order to serve chat.

use ferro_core::{Call, Need, ProviderError, Unsaid, chat::ChatRequest};

use crate::{ChatDecoder, Profile, encode, notes::Notes};

/// Chat over Messages, for one host.
///
/// ```
/// use ferro_core::{Call, TargetId, chat::ChatRequest};
/// use ferro_dialect_anthropic::{Messages, Profile};
///
/// let messages = Messages::new(Profile::anthropic());
/// let request = ChatRequest::parse(
///     br#"{"model":"fast","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#.to_vec(),
/// )?;
/// let target = TargetId::from("t");
/// let encoded = messages.encode(&Call::new(&target, "claude-opus-4-6"), &request)?;
/// assert_eq!(
///     String::from_utf8(encoded.body)?,
///     r#"{"model":"claude-opus-4-6","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    profile: Profile,
}

/// A request in the vendor's words, and who reads the answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Encoded {
    /// The body.
    pub body: Vec<u8>,
    /// What the header `anthropic-beta` has to say; `None` where there is nothing to say, or the body
    /// says it.
    pub betas: Option<String>,
    /// Reads the reply.
    pub decoder: ChatDecoder,
}

impl Messages {
    /// The codec for a host.
    pub fn new(profile: Profile) -> Self {
        Self { profile }
    }

    /// The host.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Says `request` in the vendor's words.
    ///
    /// # Errors
    ///
    /// Of kind `Invalid` where the request is wrong, of kind `Unsupported` where it holds what the
    /// vendor cannot take. Both name the field.
    pub fn encode(&self, call: &Call<'_>, request: &ChatRequest) -> Result<Encoded, ProviderError> {
        encode::chat(&self.profile, call, request, &mut Notes::default())
    }

    /// The media of `request` that the host needs the bytes of.
    pub fn needs(&self, request: &ChatRequest) -> Vec<Need> {
        if self.profile.takes_urls { Vec::new() } else { encode::needs(request) }
    }

    /// What of `request` the vendor cannot be told. It is found by saying all of it once more, so
    /// that the list and what is sent cannot disagree.
    pub fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        let mut notes = Notes::default();
        // What is refused as a whole says by its own error which part it is about.
        let _refused = encode::chat(&self.profile, call, request, &mut notes);
        notes.unsaid
    }
}
