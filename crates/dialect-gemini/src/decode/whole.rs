//! A reply in one piece; also one that came as a list of pieces.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ferro_core::{
    Usage,
    chat::{ChatResponse, Choice, ReplyHead, Said, SaidCall, Thought},
};
use serde_json::value::RawValue;

use super::{
    likely,
    piece::{Reading, Seal, State, raw},
    wire::Candidate,
};
use crate::json::{Json, Members, text};

/// An answer, put together.
#[derive(Default)]
pub(super) struct Gathered {
    state: State,
    words: Words,
}

/// What an answer says.
#[derive(Default)]
struct Words {
    content: Option<String>,
    reasoning: Option<String>,
    seals: Vec<Kept>,
    calls: Vec<KeptCall>,
    /// Items of the list of pictures.
    images: Vec<String>,
    audio: Option<Sound>,
    likely: String,
}

/// A sound, of one or several pieces.
#[derive(Default)]
struct Sound {
    media_type: Option<String>,
    /// In base64; of several pieces each is padded for itself.
    pieces: Vec<String>,
}

impl Sound {
    fn add(&mut self, audio: &Members<'_>) {
        let said = |name| Some(text(audio.get(name)?)?.to_string());
        self.media_type = self.media_type.take().or_else(|| said("mime_type"));
        self.pieces.extend(said("data"));
    }

    fn json(&self) -> Box<RawValue> {
        let joined = || {
            let bytes: Result<Vec<_>, _> =
                self.pieces.iter().map(|piece| BASE64_STANDARD.decode(piece)).collect();
            bytes.map_or_else(|_| self.pieces.concat(), |all| BASE64_STANDARD.encode(all.concat()))
        };
        let mut json = Json::default();
        json.open(b'{');
        match &self.pieces[..] {
            [only] => json.member("data", only),
            _ => json.member("data", &joined()),
        }
        if let Some(media_type) = &self.media_type {
            json.member("mime_type", media_type);
        }
        json.close(b'}');
        raw(json)
    }
}

/// A seal whose piece is gone.
struct Kept {
    index: u32,
    seal: String,
    thought: Option<String>,
    name: Option<String>,
}

struct KeptCall {
    id: String,
    name: String,
    arguments: String,
    extra: Option<Box<RawValue>>,
}

impl Gathered {
    pub(super) fn new(index: u32) -> Self {
        Self { state: State::new(index), ..Self::default() }
    }

    pub(super) fn index(&self) -> u32 {
        self.state.index
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Its prompt was not let through: see [`State::block`].
    pub(super) fn block(&mut self, reason: &str, words: &str) {
        self.state.block(reason, words);
    }

    /// Adds a piece.
    pub(super) fn add(&mut self, candidate: &Candidate<'_>, reading: &Reading<'_>) {
        let words = &mut self.words;
        self.state.read(candidate, reading, &mut |said, seal| words.add(said, seal));
        if let Some(entries) = candidate.logprobs_result.as_ref().and_then(likely::read) {
            if !words.likely.is_empty() {
                words.likely.push(',');
            }
            words.likely += &entries;
        }
    }
}

impl Words {
    fn add(&mut self, said: &Said<'_>, seal: Option<Seal<'_>>) {
        append(&mut self.content, said.content);
        append(&mut self.reasoning, said.reasoning_content);
        self.seals.extend(seal.map(|seal| Kept {
            index: seal.index,
            seal: seal.seal.to_owned(),
            thought: seal.thought.map(str::to_owned),
            name: seal.name.map(str::to_owned),
        }));
        self.calls.extend(said.tool_calls.iter().map(|call| KeptCall {
            id: call.id.unwrap_or_default().to_owned(),
            name: call.name.unwrap_or_default().to_owned(),
            arguments: call.arguments.to_owned(),
            extra: call.extra_content.map(RawValue::to_owned),
        }));
        let items = said.images.map(|list| list.get().trim_matches(['[', ']']).to_owned());
        self.images.extend(items);
        if let Some(audio) = said.audio.and_then(|audio| Members::of(audio.get())) {
            self.audio.get_or_insert_default().add(&audio);
        }
    }
}

fn append(so_far: &mut Option<String>, more: Option<&str>) {
    if let Some(more) = more {
        so_far.get_or_insert_default().push_str(more);
    }
}

/// The reply with these answers.
pub(super) fn reply(
    head: &ReplyHead,
    answers: &[Gathered],
    usage: Option<Usage>,
    extra: &[(&str, &RawValue)],
) -> ChatResponse {
    let list = |items: &[String]| {
        let list = format!("[{}]", items.join(","));
        (!items.is_empty()).then(|| RawValue::from_string(list).expect("items of JSON are JSON"))
    };
    let parts: Vec<Parts<'_>> = answers
        .iter()
        .map(|Gathered { state, words }| Parts {
            calls: words.calls.iter().map(KeptCall::said).collect(),
            details: words.seals.iter().map(Kept::detail).collect(),
            images: list(&words.images),
            audio: words.audio.as_ref().map(Sound::json),
            annotations: state.annotations(),
            likely: (!words.likely.is_empty()).then(|| likely::list(&words.likely)),
        })
        .collect();
    let choices: Vec<Choice<'_>> =
        answers.iter().zip(&parts).map(|(answer, parts)| answer.choice(parts)).collect();
    head.whole(&choices, usage, extra)
}

/// What of an answer has to lie somewhere while it is written.
struct Parts<'a> {
    calls: Vec<SaidCall<'a>>,
    details: Vec<Thought<'a>>,
    images: Option<Box<RawValue>>,
    audio: Option<Box<RawValue>>,
    annotations: Option<Box<RawValue>>,
    likely: Option<Box<RawValue>>,
}

impl Gathered {
    fn choice<'a>(&'a self, parts: &'a Parts<'a>) -> Choice<'a> {
        let Self { state, words } = self;
        Choice {
            index: state.index,
            said: Said {
                begins: true,
                content: words.content.as_deref(),
                refusal: state.refusal(),
                reasoning_content: words.reasoning.as_deref(),
                reasoning_details: &parts.details,
                tool_calls: &parts.calls,
                annotations: parts.annotations.as_deref(),
                images: parts.images.as_deref(),
                audio: parts.audio.as_deref(),
                ..Said::default()
            },
            logprobs: parts.likely.as_deref(),
            finish: state.finish(),
            native_finish: state.native.as_deref(),
        }
    }
}

impl Kept {
    fn detail(&self) -> Thought<'_> {
        let (thought, name) = (self.thought.as_deref(), self.name.as_deref());
        Seal { index: self.index, seal: &self.seal, thought, name }.detail()
    }
}

impl KeptCall {
    fn said(&self) -> SaidCall<'_> {
        SaidCall {
            index: None,
            id: Some(&self.id),
            name: Some(&self.name),
            arguments: &self.arguments,
            extra_content: self.extra.as_deref(),
        }
    }
}
