//! The surfaces that are documents, and what is read of each.

use ferro_wire::{JsonDoc, sse};

use super::{Form, ends, over_chat::OverChat};
use crate::{
    BadRequest, Finish, Kept, Provider, Serve, Served,
    Speaker::{self, System, ToolDefinition, User},
    SurfaceKind,
    chat::{choices::finish_of, walk},
    fields::{check_messages, check_range, field, positive},
};

/// Makes the marker of each surface.
macro_rules! markers {
    ($($(#[$about:meta])* $name:ident),* $(,)?) => {
        $($(#[$about])* #[derive(Clone, Debug)] pub enum $name {})*
    };
}

markers! {
    /// Legacy text completions: `POST /v1/completions`.
    Completions,
    /// Embeddings: `POST /v1/embeddings`.
    Embeddings,
    /// Images made of words: `POST /v1/images/generations`.
    Images,
    /// Documents put in order of relevance: `POST /v1/rerank`.
    Rerank,
    /// Content judged by policy: `POST /v1/moderations`.
    Moderations,
    /// Text made into speech: `POST /v1/audio/speech`.
    Speech,
    /// OpenAI's responses: `POST /v1/responses`.
    Responses,
    /// Anthropic's messages: `POST /v1/messages`.
    Messages,
    /// Anthropic's count of what a request's tokens are: `POST /v1/messages/count_tokens`.
    CountTokens,
}

impl Form for Completions {
    const KIND: SurfaceKind = SurfaceKind::Completions;
    const READS: &'static [(&'static str, Speaker)] = &[("prompt", User), ("suffix", User)];
    const SAYS: &'static [&'static str] = &["text"];
    const REQUIRED: &'static [&'static str] = &["prompt"];
    const CEILINGS: &'static [&'static str] = &["max_tokens"];
    const STREAMS: bool = true;
    const OVER: Option<SurfaceKind> = Some(SurfaceKind::Chat);

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.completions()
    }

    /// Whoever has chat alone is told the prompt as a message.
    fn served(provider: &dyn Provider) -> Option<Served<'_, Self>> {
        let over = || Some(Served::Over(Box::new(OverChat(provider.chat()?))));
        Self::of(provider).map(Served::Own).or_else(over)
    }

    fn finish(event: &[u8], choice: u32) -> Option<Finish> {
        finish_of(event, choice)
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        check_range(doc, "temperature", 0.0..=2.0)?;
        check_range(doc, "top_p", 0.0..=1.0)?;
        check_range(doc, "presence_penalty", -2.0..=2.0)?;
        check_range(doc, "frequency_penalty", -2.0..=2.0)?;
        positive(doc, "n").map(drop)
    }
}

impl Form for Embeddings {
    const KIND: SurfaceKind = SurfaceKind::Embeddings;
    const READS: &'static [(&'static str, Speaker)] = &[("input", User)];
    const SAYS: &'static [&'static str] = &[];
    const REQUIRED: &'static [&'static str] = &["input"];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.embeddings()
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        positive(doc, "dimensions").map(drop)
    }
}

impl Form for Images {
    const KIND: SurfaceKind = SurfaceKind::Images;
    const READS: &'static [(&'static str, Speaker)] = &[("prompt", User)];
    const SAYS: &'static [&'static str] = &["revised_prompt"];
    const REQUIRED: &'static [&'static str] = &["prompt"];
    const STREAMS: bool = true;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.images()
    }

    /// The event that has the whole image is the last of it.
    fn finish(event: &[u8], _: u32) -> Option<Finish> {
        let event = String::from_utf8_lossy(event);
        let mut kind = walk::members(&event).filter(|(name, _)| name == "type");
        let is_last = kind.any(|(_, kind)| kind.get() == r#""image_generation.completed""#);
        is_last.then_some(Finish::Stop)
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        positive(doc, "n").map(drop)
    }
}

impl Form for Rerank {
    const KIND: SurfaceKind = SurfaceKind::Rerank;
    const READS: &'static [(&'static str, Speaker)] = &[("query", User), ("documents", User)];
    const SAYS: &'static [&'static str] = &["text"];
    const REQUIRED: &'static [&'static str] = &["query", "documents"];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.rerank()
    }

    /// None at all may be asked for.
    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        match field::<i64>(doc, "top_n")? {
            Some(value) if value < 0 => {
                let message = format!("top_n must be zero or more, not {value}");
                Err(BadRequest::field("top_n", message))
            }
            _ => Ok(()),
        }
    }
}

impl Form for Moderations {
    const KIND: SurfaceKind = SurfaceKind::Moderations;
    const READS: &'static [(&'static str, Speaker)] = &[("input", User)];
    const SAYS: &'static [&'static str] = &[];
    const REQUIRED: &'static [&'static str] = &["input"];
    const DEFAULT_MODEL: Option<&'static str> = Some("omni-moderation-latest");

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.moderations()
    }
}

impl Form for Speech {
    const KIND: SurfaceKind = SurfaceKind::Speech;
    const READS: &'static [(&'static str, Speaker)] = &[("input", User), ("instructions", System)];
    const SAYS: &'static [&'static str] = &[];
    const REQUIRED: &'static [&'static str] = &["input"];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.speech()
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        check_range(doc, "speed", 0.0..=10.0)
    }

    /// Audio comes as bytes, unless it is asked for as events.
    fn streams(doc: &JsonDoc) -> Result<bool, BadRequest> {
        Ok(field::<Box<str>>(doc, "stream_format")?.as_deref() == Some("sse"))
    }
}

impl Form for Responses {
    const KIND: SurfaceKind = SurfaceKind::Responses;
    const READS: &'static [(&'static str, Speaker)] = &[
        ("instructions", System),
        ("input", User),
        ("tools", ToolDefinition),
        ("text", ToolDefinition),
        ("prompt", User),
    ];
    const SAYS: &'static [&'static str] =
        &["text", "delta", "arguments", "refusal", "input", "code", "transcript"];
    const REQUIRED: &'static [&'static str] = &[];
    const CEILINGS: &'static [&'static str] = &["max_output_tokens"];
    const STREAMS: bool = true;
    const TRAVELS: &'static [&'static str] = &["openai-beta"];
    const NAMES: &'static [(&'static str, Kept)] =
        &[("previous_response_id", Kept::Response), ("conversation", Kept::Conversation)];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.responses()
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        check_range(doc, "temperature", 0.0..=2.0)?;
        check_range(doc, "top_p", 0.0..=1.0)
    }

    fn finish(json: &[u8], choice: u32) -> Option<Finish> {
        if choice == 0 { ends::response(json) } else { None }
    }
}

/// The headers in which a client of Anthropic's says which version and which beta features it speaks.
/// New ones come without notice.
const ANTHROPICS: &[&str] = &["anthropic-*"];

/// What a model reads of a conversation in Anthropic's words.
const CONVERSATION: &[(&str, Speaker)] =
    &[("system", System), ("messages", User), ("tools", ToolDefinition)];

impl Form for Messages {
    const KIND: SurfaceKind = SurfaceKind::Messages;
    const READS: &'static [(&'static str, Speaker)] = CONVERSATION;
    const SAYS: &'static [&'static str] =
        &["text", "thinking", "partial_json", "input", "stop_sequence"];
    const REQUIRED: &'static [&'static str] = &["messages", "max_tokens"];
    const CEILINGS: &'static [&'static str] = &["max_tokens"];
    const STREAMS: bool = true;
    const TRAVELS: &'static [&'static str] = ANTHROPICS;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.messages()
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        check_messages(doc)?;
        check_range(doc, "temperature", 0.0..=1.0)?;
        check_range(doc, "top_p", 0.0..=1.0)
    }

    fn finish(json: &[u8], choice: u32) -> Option<Finish> {
        if choice == 0 { ends::message(json) } else { None }
    }

    fn is_silent(events: &[u8]) -> bool {
        sse::events(events).all(|event| event.is_silent() || event.name() == Some(b"ping"))
    }
}

impl Form for CountTokens {
    const KIND: SurfaceKind = SurfaceKind::CountTokens;
    const READS: &'static [(&'static str, Speaker)] = CONVERSATION;
    const SAYS: &'static [&'static str] = &[];
    const REQUIRED: &'static [&'static str] = &["messages"];
    const TRAVELS: &'static [&'static str] = ANTHROPICS;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.count_tokens()
    }

    fn check(doc: &JsonDoc) -> Result<(), BadRequest> {
        check_messages(doc)
    }
}
