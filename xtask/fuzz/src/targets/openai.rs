//! The `OpenAI` dialect: the wire as it is, and with every deviation that a row can have.

use ferro_core::{Wire, chat::Chat};
use ferro_dialect_openai::{
    Contents, Ends, FieldEdit, MessageEdit, Profile, TokenLimit, Usages, Vendor,
};
use http::HeaderMap;

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "openai-request",
        run: |bytes| each(|wire| chat::request(wire, "m", bytes)),
        seeds: &[Seeds::Files("providers", "request.json")],
    },
    Target {
        name: "openai-whole",
        run: |bytes| each(|wire| chat::whole(wire, "m", bytes)),
        seeds: &[Seeds::Bodies("providers/openai-compatible", "application/json")],
    },
    Target {
        name: "openai-stream",
        run: |bytes| each(|wire| chat::stream(wire, "m", bytes)),
        seeds: &[Seeds::Bodies("providers/openai-compatible", "text/event-stream")],
    },
];

const PARTICULAR: Vendor = Vendor {
    ignores: &["user", "n"],
    refuses: &["logprobs", "logit_bias"],
    profile: Profile {
        strips_prefix: "m",
        takes_stream_options: false,
        token_limit: TokenLimit::MaxTokens,
        fields: &[
            FieldEdit::Renamed("seed", "random_seed"),
            FieldEdit::NoEmptyTools,
            FieldEdit::CountedLogprobs,
            FieldEdit::SchemaAsPrompt,
        ],
        messages: &[
            MessageEdit::Without(&["name", "reasoning_content"]),
            MessageEdit::DeveloperIsSystem,
            MessageEdit::EmptyContentIsText,
            MessageEdit::TextJoined,
            MessageEdit::NineCharacterCalls,
        ],
        usage: Usages::ReasoningOnTop,
        ends: Ends::WithChoices,
        contents: Contents::Parts,
    },
    ..Vendor::OPENAI_SHAPED
};

fn each(law: impl Fn(&dyn Wire<Chat>)) {
    for vendor in [Vendor::OPENAI_SHAPED, PARTICULAR] {
        law(&vendor.wire("/v1", HeaderMap::new()));
    }
}
