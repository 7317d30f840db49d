//! The conversation, as entries of alternating speakers.

use ferro_core::{
    ProviderError,
    chat::{Content, Message, Part, Role},
};

use super::{Context, media, model_turn, results};
use crate::json::Json;

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
    wants_words: bool,
}

impl<'j> Entries<'j> {
    fn begin(json: &'j mut Json, wants_words: bool) -> Self {
        json.key("contents");
        json.open(b'[');
        Self { json, open: None, has_words: false, wants_words }
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
            self.has_words = false;
        }
        self.json
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
        /// As little as a text can be: an empty one is refused.
        const FILLER: &str = " ";
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
        self.json.close(b']');
    }
}

/// Writes the conversation.
pub(super) fn write(
    cx: &Context<'_>,
    json: &mut Json,
    messages: &[Message<'_>],
) -> Result<(), ProviderError> {
    let is_system_alone = messages.iter().all(|message| message.role() == Some(Role::System));
    let mut entries = Entries::begin(json, cx.generation.wants_words());
    let mut at = 0;
    while let Some(message) = messages.get(at) {
        match message.role() {
            Some(Role::System) if !is_system_alone => {}
            Some(Role::System | Role::User) | None => user(cx, &mut entries, message, at)?,
            Some(Role::Assistant) => model_turn::write(cx, &mut entries, message, at)?,
            Some(Role::Tool) => {
                let end = messages[at..].iter().take_while(|m| m.role() == Some(Role::Tool));
                let run = at..at + end.count();
                results::write(cx, &mut entries, messages, run.clone())?;
                at = run.end;
                continue;
            }
        }
        at += 1;
    }
    entries.end();
    Ok(())
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
        entries.text(Speaker::User, " ");
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
