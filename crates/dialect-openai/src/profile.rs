//! In what a vendor deviates from the wire: small values, of which a row lists those it needs.
//!
//! Each is an edit of exactly the bytes that it concerns. A row that lists none has its requests
//! passed as they came.

use serde::Deserialize;

/// In what a vendor deviates from the wire.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// A prefix of model names that is ours and not its own.
    pub strips_prefix: &'static str,
    /// Whether a stream may be asked for its usage.
    pub takes_stream_options: bool,
    /// What it calls the ceiling on what is written.
    pub token_limit: TokenLimit,
    /// What is done to a request's own fields, in this order.
    pub fields: &'static [FieldEdit],
    /// What is done to a request's messages, in this order.
    pub messages: &'static [MessageEdit],
    /// How it counts.
    pub usage: Usages,
    /// How a stream says that it is finished.
    pub ends: Ends,
    /// What its replies have where the wire has a string.
    pub contents: Contents,
}

/// What a vendor calls the ceiling on what is written. Where it knows one name only, what is said by the
/// other moves there; where a client says both, `max_completion_tokens` counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimit {
    /// As the client does: it knows both names, or judges for itself.
    AsSaid,
    /// `max_tokens` only.
    MaxTokens,
    /// `max_completion_tokens` only.
    MaxCompletionTokens,
}

/// An edit of a request's own fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldEdit {
    /// The field has another name: ours, then its own. Where a client says both, its own counts.
    Renamed(&'static str, &'static str),
    /// The field's value has another word: the field, ours, its own.
    Reworded(&'static str, &'static str, &'static str),
    /// Fields that are refused, or mean nothing, and so are left out. Reported.
    Without(&'static [&'static str]),
    /// Vectors come as numbers only, and to ask for base64 would be refused. The client gets what it
    /// asked for all the same.
    FloatsOnly,
    /// A size is two fields, `width` and `height`. One that is no two numbers is left out, and
    /// reported.
    SizeInTwo,
    /// An empty list of tools is refused, so it is left out, and the choice among them with it.
    NoEmptyTools,
    /// `logprobs` is the number of alternatives, not whether there are any.
    CountedLogprobs,
    /// No JSON Schema is taken: an object is asked for instead, and the schema stands in a system
    /// message. Reported as unsaid, because the vendor is not bound by it.
    SchemaAsPrompt,
}

/// An edit of a request's messages. Only messages that it concerns are opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MessageEdit {
    /// Members that are refused, and so left out.
    Without(&'static [&'static str]),
    /// `developer` is called `system`.
    DeveloperIsSystem,
    /// Where tools are called, content that is null or missing has to be an empty string.
    EmptyContentIsText,
    /// Content has to be a string: parts of text are joined, a line each. A part that is not text
    /// cannot be said, which is an error that names it.
    TextOnly,
    /// Some models need content to be a string: where all parts are text they are joined, a line
    /// each; where one is not, the model is one that takes parts, and they stay.
    TextJoined,
    /// The name of a tool call has to be nine letters and digits. Others are mapped: the same name to
    /// the same nine, wherever in the conversation it stands.
    NineCharacterCalls,
}

/// How a vendor counts tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usages {
    /// As the wire says.
    Standard,
    /// Reasoning tokens come on top of the completion's, unless the total says otherwise.
    ReasoningOnTop,
}

/// How a stream says that it is finished.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ends {
    /// With `[DONE]`; a body that ends before was interrupted.
    WithDone,
    /// Once every choice has said why it stopped, the end of the body is the end. The client gets
    /// the `[DONE]` that the vendor owes it.
    WithChoices,
}

/// What stands in a reply where the wire has content that is a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contents {
    /// A string.
    Text,
    /// At times a list of parts. The client gets what is text as `content`, and what is thought as
    /// `reasoning_content`; parts that are neither stand beside it in `content_parts`.
    Parts,
}

impl Profile {
    /// No deviation.
    pub const STANDARD: Self = Self {
        strips_prefix: "",
        takes_stream_options: true,
        token_limit: TokenLimit::AsSaid,
        fields: &[],
        messages: &[],
        usage: Usages::Standard,
        ends: Ends::WithDone,
        contents: Contents::Text,
    };
}
