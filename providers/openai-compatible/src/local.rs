//! Servers that people run themselves. Each needs to be told where it is; most need no key.

use ferro_core::SurfaceKind::{
    Chat, Completions, CountTokens, Embeddings, Forward, Images, Messages, Moderations, Rerank,
    Responses, Transcriptions, Translations,
};
use ferro_dialect_openai::{Base, Env, Vendor};

use crate::anthropics;

const fn server(kind: &'static str, port: u16, env: &'static [Env]) -> Vendor {
    let base = Base::Server { scheme: "http", port: Some(port), path: "/v1" };
    Vendor { kind, base, env, ..Vendor::OPENAI_SHAPED }
}

/// It has responses, and messages whose tokens it counts (`tools/server/README.md` of `ggml-org/llama.cpp`,
/// read 2026-12-01).
pub(crate) static LLAMA_CPP: Vendor = Vendor {
    surfaces: &[Chat, Completions, Embeddings, Rerank, Responses, Messages, CountTokens, Forward],
    beside: &[anthropics::counting],
    ..server(
        "llama-cpp",
        8080,
        &[Env::Host("LLAMA_CPP_BASE_URL"), Env::OptionalKey("LLAMA_CPP_API_KEY")],
    )
};

/// It ranks nothing. It has responses, and messages at the same root (its pages on endpoints that are
/// compatible with OpenAI's and with Anthropic's, read 2026-11-30).
pub(crate) static LMSTUDIO: Vendor = Vendor {
    surfaces: &[Chat, Completions, Embeddings, Responses, Messages, Forward],
    beside: &[anthropics::below],
    ..server(
        "lmstudio",
        1234,
        &[Env::Host("LMSTUDIO_BASE_URL"), Env::OptionalKey("LMSTUDIO_API_KEY")],
    )
};

/// It has messages at the same root, and counts their tokens
/// (`docs.sglang.io/docs/basic_usage/anthropic_api`, read 2026-12-01).
pub(crate) static SGLANG: Vendor = Vendor {
    surfaces: &[Chat, Completions, Embeddings, Rerank, Messages, CountTokens, Forward],
    beside: &[anthropics::counting],
    ..server("sglang", 30000, &[Env::Host("SGLANG_BASE_URL"), Env::OptionalKey("SGLANG_API_KEY")])
};

/// It has responses, messages whose tokens it counts, and what is heard, if it runs the model for it (online
/// serving, v0.32, read 2026-11-30).
pub(crate) static VLLM: Vendor = Vendor {
    surfaces: &[
        Chat,
        Completions,
        Embeddings,
        Rerank,
        Responses,
        Messages,
        CountTokens,
        Transcriptions,
        Translations,
        Forward,
    ],
    beside: &[anthropics::counting],
    ..server("vllm", 8000, &[Env::Host("VLLM_BASE_URL"), Env::OptionalKey("VLLM_API_KEY")])
};

/// A vendor without a row: an operator says where it is, and shows it a key or none. Its requests
/// pass as they came, and it says itself what it does not serve.
pub(crate) static OPENAI_COMPATIBLE: Vendor = Vendor {
    kind: "openai-compatible",
    surfaces: &[Chat, Completions, Embeddings, Images, Moderations, Rerank, Responses, Forward],
    ..Vendor::OPENAI_SHAPED
};

#[cfg(test)]
mod tests {
    use ferro_dialect_openai::Profile;

    use super::*;

    #[test]
    fn nothing_is_known_about_a_vendor_without_a_row() {
        let Profile { fields, messages, takes_stream_options, .. } = OPENAI_COMPATIBLE.profile;
        assert!(fields.is_empty() && messages.is_empty() && takes_stream_options);
    }
}
