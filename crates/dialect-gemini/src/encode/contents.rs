//! The conversation, as entries of alternating speakers.

use ferro_core::{
    ProviderError,
    chat::{Content, Message, Part, Role},
};

use super::{Context, media, model_turn, results};
use crate::json::Json;

/// As little as a text can be: an empty one is refused.
const FILLER: &str = " ";

/// Whose an entry is. A tool's results are the user's too, but stand alone.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Speaker {
    User,
    Model,
    Results,
}

/// Entries that are being written: what one speaker says in a row is one.
pub(super) struct Entries<'j> {
    json: &'j mut Json,
    open: Option<Speaker>,
    /// Whether the open entry has a text, where one of media alone wants one.
    has_words: bool,
    /// Whether the open entry has a call.
    has_called: bool,
    wants_words: bool,
}

impl<'j> Entries<'j> {
    fn begin(json: &'j mut Json, wants_words: bool) -> Self {
        json.key("contents");
        json.open(b'[');
        Self { json, open: None, has_words: false, has_called: false, wants_words }
    }

    /// Where the next part of this speaker is written.
    pub(super) fn part(&mut self, speaker: Speaker) -> &mut Json {
        if self.open != Some(speaker) {
            self.close();
            self.json.open(b'{');
            self.json.member("role", if speaker == Speaker::Model { "model" } else { "user" });
            self.json.key("parts");
            self.json.open(b'[');
            self.open = Some(speaker);
            (self.has_words, self.has_called) = (false, false);
        }
        self.json
    }

    /// Where the model's next call is written, and whether it is the first of its entry.
    pub(super) fn call(&mut self) -> (&mut Json, bool) {
        self.part(Speaker::Model);
        let is_first = !std::mem::replace(&mut self.has_called, true);
        (self.json, is_first)
    }

    /// A part that is a text.
    pub(super) fn text(&mut self, speaker: Speaker, text: &str) {
        let json = self.part(speaker);
        json.open(b'{');
        json.member("text", text);
        json.close(b'}');
        self.has_words = true;
    }

    fn close(&mut self) {
        if self.open == Some(Speaker::User) && self.wants_words && !self.has_words {
            self.text(Speaker::User, FILLER);
        }
        if self.open.take().is_some() {
            self.json.close(b']');
            self.json.close(b'}');
        }
    }

    fn end(mut self) {
        self.close();
        if self.json.0.ends_with(b"[") {
            // Nobody has said anything, and a conversation of nothing is refused.
            self.text(Speaker::User, FILLER);
            self.close();
        }
        self.json.close(b']');
    }
}

/// Writes the conversation; what the operator says too, unless it stands beside.
pub(super) fn write(
    cx: &Context<'_>,
    json: &mut Json,
    messages: &[Message<'_>],
    is_operator_beside: bool,
) -> Result<(), ProviderError> {
    let mut entries = Entries::begin(json, cx.generation.wants_words());
    let mut at = 0;
    while let Some(message) = messages.get(at) {
        match message.role() {
            Some(Role::User) | None => user(cx, &mut entries, message, at)?,
            Some(Role::Assistant) => model_turn::write(cx, &mut entries, message, at)?,
            Some(Role::System | Role::Tool) => {
                let is_in = |m: &&Message<'_>| matches!(m.role(), Some(Role::System | Role::Tool));
                let run = at..at + messages[at..].iter().take_while(is_in).count();
                at = run.end;
                // Results stand right behind their calls, whatever the operator says between.
                results::write(cx, &mut entries, messages, run.clone())?;
                for system in run.filter(|at| !is_operator_beside && is_system(&messages[*at])) {
                    user(cx, &mut entries, &messages[system], system)?;
                }
                continue;
            }
        }
        at += 1;
    }
    entries.end();
    Ok(())
}

fn is_system(message: &Message<'_>) -> bool {
    message.role() == Some(Role::System)
}

fn user(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    message: &Message<'_>,
    at: usize,
) -> Result<(), ProviderError> {
    let mut said = false;
    match &message.content {
        Some(Content::Text(text)) if !text.is_empty() => {
            entries.text(Speaker::User, text);
            said = true;
        }
        Some(Content::Parts(parts)) => {
            for (index, part) in parts.iter().enumerate() {
                said |= one(cx, entries, (Speaker::User, part), &place(at, index))?;
            }
        }
        _ => {}
    }
    if !said {
        // A turn that says nothing is still a turn, but an empty text is refused.
        entries.text(Speaker::User, FILLER);
    }
    Ok(())
}

/// Writes one part; whether there was anything to write.
pub(super) fn one(
    cx: &Context<'_>,
    entries: &mut Entries<'_>,
    (speaker, part): (Speaker, &Part<'_>),
    place: &str,
) -> Result<bool, ProviderError> {
    let words = match part.kind() {
        "text" => part.text.as_deref(),
        "refusal" => part.refusal.as_deref(),
        // What was thought goes back with its seals, or not at all.
        "thinking" | "redacted_thinking" => return Ok(false),
        _ => {
            let medium = media::read(cx, part, place)?;
            medium.write(entries.part(speaker));
            return Ok(true);
        }
    };
    let Some(text) = words.filter(|text| !text.is_empty()) else { return Ok(false) };
    entries.text(speaker, text);
    Ok(true)
}

pub(super) fn place(message: usize, part: usize) -> String {
    format!("messages[{message}].content[{part}]")
}
