//! What models call their inputs.

use serde::Deserialize;

/// What a target may say of its models.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Own {
    conversation: Option<Conversation>,
    system_input: Option<String>,
    limit_input: Option<String>,
    image_input: Option<String>,
}

/// How a model takes a conversation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Conversation {
    /// Written out as one text.
    Prompt,
    /// As it is.
    Messages,
}

/// What a model calls its inputs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Inputs<'a> {
    pub(crate) conversation: Conversation,
    pub(crate) system: &'a str,
    /// The ceiling on what is written.
    pub(crate) limit: &'a str,
    pub(crate) image: &'a str,
    /// Whether it looks at more than one picture.
    pub(crate) takes_images: bool,
}

/// Where nothing else is known: the open models that the vendor keeps itself.
const USUAL: Inputs<'static> = Inputs {
    conversation: Conversation::Prompt,
    system: "system_prompt",
    limit: "max_tokens",
    image: "image",
    takes_images: false,
};

const OLDER: Inputs<'static> = Inputs { limit: "max_new_tokens", ..USUAL };

/// What is known of whose models (the input schemas that the vendor publishes, read 2026-11-29).
const KNOWN: &[(&str, Inputs<'static>)] = &[
    (
        "openai/",
        Inputs {
            conversation: Conversation::Messages,
            limit: "max_completion_tokens",
            image: "image_input",
            takes_images: true,
            ..USUAL
        },
    ),
    (
        "google/gemini",
        Inputs {
            system: "system_instruction",
            limit: "max_output_tokens",
            image: "images",
            takes_images: true,
            ..USUAL
        },
    ),
    ("meta/llama-2", OLDER),
    ("mistralai/", OLDER),
];

impl<'a> Inputs<'a> {
    /// What `model` calls its inputs, as far as is known, unless its target says otherwise.
    pub(crate) fn of(model: &str, own: &'a Own) -> Self {
        let known = KNOWN.iter().find(|(beginning, _)| model.starts_with(beginning));
        let known = known.map_or(USUAL, |(_, inputs)| *inputs);
        Self {
            conversation: own.conversation.unwrap_or(known.conversation),
            system: own.system_input.as_deref().unwrap_or(known.system),
            limit: own.limit_input.as_deref().unwrap_or(known.limit),
            image: own.image_input.as_deref().unwrap_or(known.image),
            takes_images: known.takes_images,
        }
    }
}
