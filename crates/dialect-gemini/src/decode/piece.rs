//! A candidate's parts, one after the other, as pieces of a chat message: of a whole as of a stream, so
//! that the two say the same.

use ferro_core::{
    Finish,
    chat::{Said, SaidCall, Text, Thought, arguments},
};
use serde_json::value::RawValue;

use super::{
    annotations::Annotations,
    beside::Beside,
    finish,
    wire::{Blob, Candidate, FunctionCall, Part},
};
use crate::{
    json::Json,
    names::Renamed,
    signature::{self, FORMAT},
};

/// Is shown a piece of a message, and the seal on it.
pub(super) type See<'s> = dyn FnMut(&Said<'_>, Option<Seal<'_>>) + 's;

/// A seal: on a thought in words, on something with a name, or on the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seal<'a> {
    /// Which of the message's it is.
    pub(super) index: u32,
    pub(super) seal: &'a str,
    /// The thought.
    pub(super) thought: Option<&'a str>,
    /// The name.
    pub(super) name: Option<&'a str>,
}

impl<'a> Seal<'a> {
    /// The seal as clients bring it back.
    pub(super) fn detail(self) -> Thought<'a> {
        match self.thought {
            Some(text) => Thought::text(self.index, FORMAT, Some(text)).sealed(Some(self.seal)),
            None => Thought::encrypted(self.index, FORMAT, self.seal).named(self.name),
        }
    }
}

/// What the parts are read by.
pub(super) struct Reading<'a> {
    /// Functions that went by another name.
    pub(super) renamed: &'a Renamed,
    /// The reply's name, for calls to which the vendor gives none.
    pub(super) reply: &'a str,
}

/// One of the answers, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) index: u32,
    /// Whether it has said anything.
    pub(super) has_begun: bool,
    pub(super) calls: u32,
    seals: u32,
    images: u32,
    has_sounded: bool,
    /// Its text so far, for places in it.
    said: String,
    annotations: Annotations,
    beside: Beside,
    /// Why it stopped, in the vendor's word.
    pub(super) native: Option<String>,
    /// The vendor's words on that.
    message: Option<String>,
    /// Whether it stopped because its prompt was not let through.
    is_blocked: bool,
}

impl State {
    pub(super) fn new(index: u32) -> Self {
        Self { index, ..Self::default() }
    }

    /// Its prompt is not let through, unless it has stopped already: why, in the vendor's word, and in
    /// words for a person.
    pub(super) fn block(&mut self, reason: &str, words: &str) {
        if self.native.is_none() {
            self.native = Some(reason.to_owned());
            self.message = Some(words.to_owned());
            self.is_blocked = true;
        }
    }

    /// Why it stopped.
    pub(super) fn finish(&self) -> Option<Finish> {
        let native = self.native.as_deref()?;
        let by_word = || finish::read(native, self.calls > 0);
        Some(if self.is_blocked { Finish::ContentFilter } else { by_word() })
    }

    /// Why the model would not, where a filter's words say so.
    pub(super) fn refusal(&self) -> Option<&str> {
        self.message.as_deref().filter(|_| self.finish() == Some(Finish::ContentFilter))
    }

    /// What it rests on and what it cites.
    pub(super) fn annotations(&self) -> Option<Box<RawValue>> {
        self.annotations.list(&self.said)
    }

    /// What the vendor says beside it.
    pub(super) fn write_beside(&self, list: &mut Json) {
        let words = self.message.as_deref().filter(|_| self.refusal().is_none());
        self.beside.write(list, self.index, words);
    }

    /// Shows each piece of what comes next.
    pub(super) fn read(
        &mut self,
        candidate: &Candidate<'_>,
        reading: &Reading<'_>,
        see: &mut See<'_>,
    ) {
        let content = candidate.content.iter().flat_map(|content| &content.parts);
        for part in content.flatten() {
            self.part(part, reading, see);
        }
        self.annotations.add(candidate);
        self.beside.add(candidate);
        let words = |text: &Option<Text<'_>>| text.as_ref().map(ToString::to_string);
        self.native = words(&candidate.finish_reason).or(self.native.take());
        self.message = words(&candidate.finish_message).or(self.message.take());
    }

    fn part(&mut self, part: &Part<'_>, reading: &Reading<'_>, see: &mut See<'_>) {
        let seal = part.thought_signature.as_deref().filter(|seal| !seal.is_empty());
        if let Some(call) = &part.function_call {
            return self.call(call, seal, reading, see);
        }
        let is_thought = part.thought == Some(true);
        if let Some(blob) = &part.inline_data {
            return self.blob(blob, (seal, is_thought), see);
        }
        let text = part.text.as_deref().filter(|text| !text.is_empty());
        let sealed = seal.map(|seal| self.sealed(seal, text.filter(|_| is_thought), None));
        if is_thought {
            if text.is_some() || seal.is_some() {
                self.say(see, Said { reasoning_content: text, ..Said::default() }, sealed);
            }
            return;
        }
        let ran = ran(part);
        let text = text.or(ran.as_deref());
        if let Some(text) = text {
            self.said.push_str(text);
        }
        if text.is_some() || seal.is_some() {
            self.say(see, Said { content: text, ..Said::default() }, sealed);
        }
    }

    fn sealed<'t>(
        &mut self,
        seal: &'t str,
        thought: Option<&'t str>,
        name: Option<&'t str>,
    ) -> Seal<'t> {
        let index = self.seals;
        self.seals += 1;
        Seal { index, seal, thought, name }
    }

    fn call(
        &mut self,
        call: &FunctionCall<'_>,
        seal: Option<&str>,
        reading: &Reading<'_>,
        see: &mut See<'_>,
    ) {
        let own = call.id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned);
        let made = || format!("call_{}_{}_{}", reading.reply, self.index, self.calls);
        let id = signature::join(&own.unwrap_or_else(made), seal);
        let extra = seal.map(|seal| {
            RawValue::from_string(signature::extra(seal)).expect("a string in objects is JSON")
        });
        let said = [SaidCall {
            index: Some(self.calls),
            id: Some(&id),
            name: Some(reading.renamed.original(call.name.as_deref().unwrap_or_default())),
            arguments: &arguments::from_object(call.args.map_or("{}", RawValue::get)),
            extra_content: extra.as_deref(),
        }];
        self.calls += 1;
        self.say(see, Said { tool_calls: &said, ..Said::default() }, None);
    }

    /// A picture, or a sound. One that the model made while it thought is told apart.
    fn blob(
        &mut self,
        blob: &Blob<'_>,
        (seal, is_thought): (Option<&str>, bool),
        see: &mut See<'_>,
    ) {
        let media_type = blob.mime_type.as_deref().unwrap_or("application/octet-stream");
        let data = blob.data.as_deref().unwrap_or_default();
        let mut json = Json::with_capacity(data.len() + 128);
        if media_type.starts_with("audio/") {
            json.open(b'{');
            json.member("data", data);
            // Clients put the texts of all pieces together.
            if !std::mem::replace(&mut self.has_sounded, true) {
                json.member("mime_type", media_type);
            }
            json.close(b'}');
            let audio = raw(json);
            return self.say(see, Said { audio: Some(&audio), ..Said::default() }, None);
        }
        let name = format!("image_{}", self.images);
        json.open(b'[');
        json.open(b'{');
        json.member("type", "image_url");
        json.raw_member("index", &self.images.to_string());
        if is_thought {
            json.raw_member("thought", "true");
        }
        json.key("image_url");
        json.open(b'{');
        json.member("url", &format!("data:{media_type};base64,{data}"));
        json.close(b'}');
        json.close(b'}');
        json.close(b']');
        self.images += 1;
        let images = raw(json);
        let sealed = seal.map(|seal| self.sealed(seal, None, Some(&name)));
        self.say(see, Said { images: Some(&images), ..Said::default() }, sealed);
    }

    fn say(&mut self, see: &mut See<'_>, said: Said<'_>, seal: Option<Seal<'_>>) {
        let begins = !std::mem::replace(&mut self.has_begun, true);
        see(&Said { begins, ..said }, seal);
    }
}

/// A program that the vendor ran, and what came of it, as they would stand in a text.
fn ran(part: &Part<'_>) -> Option<String> {
    if let Some(code) = &part.executable_code {
        let language = code.language.as_deref().unwrap_or_default().to_ascii_lowercase();
        return Some(format!("```{language}\n{}\n```\n", code.code.as_deref()?.trim_end()));
    }
    let output = part.code_execution_result.as_ref()?.output.as_deref()?;
    Some(format!("```\n{}\n```\n", output.trim_end()))
}

pub(super) fn raw(json: Json) -> Box<RawValue> {
    let json = String::from_utf8(json.0).expect("what is written are texts");
    RawValue::from_string(json).expect("what is written is JSON")
}
