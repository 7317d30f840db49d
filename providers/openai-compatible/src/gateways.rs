//! Gateways before many vendors, which know what each of those deviates in: requests pass as they
//! came.

use ferro_core::SurfaceKind::{
    Chat, Completions, Embeddings, Forward, ImageEdits, Images, Messages, Rerank, Responses,
    Speech, Transcriptions,
};
use ferro_dialect_openai::{Env, Vendor};

use crate::anthropics;

const fn gateway(kind: &'static str, base_url: &'static str, env: &'static [Env]) -> Vendor {
    Vendor { kind, base_url, env, ..Vendor::OPENAI_SHAPED }
}

pub(crate) static N302AI: Vendor = gateway(
    "302ai",
    "https://api.302.ai/v1",
    &[Env::Key("AI_302_API_KEY"), Env::BaseUrl("AI_302_BASE_URL")],
);

pub(crate) static AIMLAPI: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Images, Forward],
    ..gateway(
        "aimlapi",
        "https://api.aimlapi.com/v1",
        &[Env::Key("AIMLAPI_API_KEY"), Env::BaseUrl("AIMLAPI_BASE_URL")],
    )
};

pub(crate) static COMETAPI: Vendor = gateway(
    "cometapi",
    "https://api.cometapi.com/v1",
    &[Env::Key("COMETAPI_API_KEY"), Env::BaseUrl("COMETAPI_BASE_URL")],
);

/// Responses, messages, audio and edits of images: docs.nano-gpt.com (`anthropic-compatibility`,
/// `endpoint/speech`, `endpoint/audio-transcriptions`, `endpoint/image-edits`), read 2026-12-01.
pub(crate) static NANOGPT: Vendor = Vendor {
    surfaces: &[
        Chat,
        Completions,
        Embeddings,
        Images,
        ImageEdits,
        Responses,
        Messages,
        Speech,
        Transcriptions,
        Forward,
    ],
    beside: &[anthropics::below],
    ..gateway(
        "nanogpt",
        "https://nano-gpt.com/api/v1",
        &[Env::Key("NANOGPT_API_KEY"), Env::BaseUrl("NANOGPT_BASE_URL")],
    )
};

pub(crate) static REQUESTY: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Forward],
    ..gateway(
        "requesty",
        "https://router.requesty.ai/v1",
        &[Env::Key("REQUESTY_API_KEY"), Env::BaseUrl("REQUESTY_BASE_URL")],
    )
};

pub(crate) static TETRATE: Vendor = gateway(
    "tetrate",
    "https://api.router.tetrate.ai/v1",
    &[Env::Key("TETRATE_API_KEY"), Env::BaseUrl("TETRATE_BASE_URL")],
);

/// Responses and messages: vercel.com/docs/ai-gateway/sdks-and-apis (`responses`, `anthropic-messages-api`),
/// read 2026-12-01.
pub(crate) static VERCEL_AI_GATEWAY: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Responses, Messages, Forward],
    beside: &[anthropics::below],
    ..gateway(
        "vercel-ai-gateway",
        "https://ai-gateway.vercel.sh/v1",
        &[Env::Key("VERCEL_AI_GATEWAY_API_KEY"), Env::BaseUrl("VERCEL_AI_GATEWAY_BASE_URL")],
    )
};

/// Account and gateway stand in its URL, so an operator has to say it.
pub(crate) static CLOUDFLARE_AI_GATEWAY: Vendor = gateway(
    "cloudflare-ai-gateway",
    "",
    &[Env::Key("CLOUDFLARE_AI_GATEWAY_API_KEY"), Env::Host("CLOUDFLARE_AI_GATEWAY_BASE_URL")],
);

/// Its models are OpenAI's, Meta's, Microsoft's and others'. The version is that of its REST API.
pub(crate) static GITHUB_MODELS: Vendor = Vendor {
    headers: &[("x-github-api-version", "2022-11-28")],
    listing: None,
    surfaces: &[Chat, Embeddings, Forward],
    ..gateway(
        "github-models",
        "https://models.inference.ai.azure.com",
        &[Env::Key("GITHUB_MODELS_API_KEY"), Env::BaseUrl("GITHUB_MODELS_BASE_URL")],
    )
};

/// The usual door to everything that is sold by the token. `HTTP-Referer` and `X-Title` are an
/// operator's to say, among the headers of the target. It ranks as Cohere does
/// (openrouter.ai/docs/client-sdks/python/api-reference/rerank), and speech comes as bytes
/// (openrouter.ai/docs/guides/overview/multimodal/tts); what is heard is sent inside JSON, which is not this
/// wire's (both read 2026-12-01).
pub(crate) static OPENROUTER: Vendor = Vendor {
    surfaces: &[Chat, Completions, Embeddings, Rerank, Responses, Messages, Speech, Forward],
    beside: &[anthropics::below],
    ..gateway(
        "openrouter",
        "https://openrouter.ai/api/v1",
        &[Env::Key("OPENROUTER_API_KEY"), Env::BaseUrl("OPENROUTER_BASE_URL")],
    )
};
