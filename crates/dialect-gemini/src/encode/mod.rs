//! A chat request in this wire's words.

mod config;
mod contents;
mod fields;
mod media;
mod model_turn;
mod results;
mod thinking;
mod tools;
mod unsaid;

use ferro_core::{
    Call, ErrorKind, Need, ProviderError, Unsaid,
    chat::{ChatRequest, Message, Role, Source},
};

use crate::{
    Profile,
    json::Json,
    models::{self, Generation},
    names::Renamed,
};
use fields::Fields;

/// Room for what stands around a conversation's texts.
const AROUND: usize = 1 << 10;

/// A request, said.
pub(crate) struct Said {
    /// The body.
    pub(crate) body: Vec<u8>,
    /// Functions that go by another name.
    pub(crate) renamed: Renamed,
}

/// What the parts of a request are said by.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) call: &'a Call<'a>,
    pub(crate) generation: &'static Generation,
    pub(crate) request: &'a ChatRequest,
}

impl<'a> Context<'a> {
    pub(crate) fn new(profile: &'a Profile, call: &'a Call<'a>, request: &'a ChatRequest) -> Self {
        Self { profile, call, generation: models::generation(call.model), request }
    }

    /// Says the request.
    pub(crate) fn say(&self) -> Result<Said, ProviderError> {
        let source = Source::of(self.request);
        let (messages, tools) = (source.messages()?, source.tools()?);
        let fields = Fields::of(self.request);
        let mut json = Json::with_capacity(self.request.to_rope().len() + AROUND);
        json.open(b'{');
        let is_alone = messages.iter().all(|message| message.role() == Some(Role::System));
        let is_beside = !is_alone && self.generation.hears_operator;
        if is_beside {
            system(&mut json, &messages)?;
        }
        contents::write(self, &mut json, &messages, is_beside)?;
        let renamed = tools::write(self, &mut json, &source, &tools)?;
        config::write(self, &mut json, &fields, &source)?;
        fields.write_beside(*self.profile, &mut json);
        json.close(b'}');
        Ok(Said { body: json.0, renamed })
    }

    /// What of the request has to be fetched first. What cannot be read is said by
    /// [`say`](Self::say).
    pub(crate) fn needs(&self) -> Vec<Need> {
        let source = Source::of(self.request);
        source.messages().map(|messages| media::needs(self, &messages)).unwrap_or_default()
    }

    /// What of the request cannot be said.
    pub(crate) fn unsaid(&self) -> Vec<Unsaid> {
        unsaid::list(self)
    }
}

/// What the conversation's operator says goes beside it, each text for itself.
fn system(json: &mut Json, messages: &[Message<'_>]) -> Result<(), ProviderError> {
    let mut is_open = false;
    for (at, message) in messages.iter().enumerate() {
        let Some(content) = message.content.as_ref() else { continue };
        if message.role() != Some(Role::System) {
            continue;
        }
        let stranger = content.parts().iter().position(|part| part.kind() != "text");
        if let Some(part) = stranger {
            let kind = content.parts()[part].kind();
            return Err(unsupported(&format!(
                "messages[{at}].content[{part}]: the system's words are text, not `{kind}`"
            )));
        }
        for text in content.texts().filter(|text| !text.is_empty()) {
            if !is_open {
                json.key("systemInstruction");
                json.open(b'{');
                json.key("parts");
                json.open(b'[');
                is_open = true;
            }
            json.open(b'{');
            json.member("text", text);
            json.close(b'}');
        }
    }
    if is_open {
        json.close(b']');
        json.close(b'}');
    }
    Ok(())
}

fn invalid(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(message)
}

fn unsupported(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(message)
}

#[cfg(test)]
mod tests;
