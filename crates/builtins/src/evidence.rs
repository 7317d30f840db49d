//! By what the providers of this build were tried. Written by `cargo xtask codegen` from their
//! tests.

#[cfg(feature = "openai")]
pub(crate) static OPENAI: ferro_core::Evidence = ferro_core::Evidence::new(
    &[],
    &[
        ferro_core::Fixtures::new("openai", [2, 11, 0, 15]),
    ],
);

#[cfg(feature = "openai-compatible")]
pub(crate) static OPENAI_COMPATIBLE: ferro_core::Evidence = ferro_core::Evidence::new(
    &[],
    &[
        ferro_core::Fixtures::new("", [3, 5, 0, 36]),
        ferro_core::Fixtures::new("ai21", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("cerebras", [0, 1, 0, 4]),
        ferro_core::Fixtures::new("cloudflare", [2, 0, 0, 3]),
        ferro_core::Fixtures::new("databricks", [0, 0, 0, 4]),
        ferro_core::Fixtures::new("deepinfra", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("deepseek", [2, 0, 0, 4]),
        ferro_core::Fixtures::new("fireworks", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("groq", [2, 1, 0, 4]),
        ferro_core::Fixtures::new("hugging-face", [1, 0, 0, 2]),
        ferro_core::Fixtures::new("minimax", [0, 0, 0, 1]),
        ferro_core::Fixtures::new("mistral", [1, 1, 0, 8]),
        ferro_core::Fixtures::new("moonshot", [2, 0, 0, 5]),
        ferro_core::Fixtures::new("novita", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("nvidia-nim", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("ollama", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("ollama-cloud", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("openrouter", [6, 0, 0, 2]),
        ferro_core::Fixtures::new("perplexity", [2, 0, 0, 2]),
        ferro_core::Fixtures::new("qwen", [1, 0, 0, 6]),
        ferro_core::Fixtures::new("sambanova", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("together", [1, 0, 0, 3]),
        ferro_core::Fixtures::new("xai", [4, 0, 0, 2]),
        ferro_core::Fixtures::new("z-ai", [0, 0, 0, 1]),
        ferro_core::Fixtures::new("zhipu", [2, 0, 0, 0]),
    ],
);
