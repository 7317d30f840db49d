//! By what the providers of this build were tried. Written by `cargo xtask codegen` from their
//! tests.

#[cfg(feature = "anthropic")]
pub(crate) static ANTHROPIC: ferro_core::Evidence = ferro_core::Evidence::new(
    &["openai 3.54.0", "anthropic 2.12.0"],
    &[
        ferro_core::Fixtures::new("anthropic", [23, 36, 0, 22]),
    ],
);

#[cfg(feature = "azure")]
pub(crate) static AZURE: ferro_core::Evidence = ferro_core::Evidence::new(
    &["openai 3.54.0", "anthropic 2.12.0"],
    &[
        ferro_core::Fixtures::new("azure-foundry", [11, 44, 0, 34]),
        ferro_core::Fixtures::new("azure-openai", [7, 45, 0, 48]),
    ],
);

#[cfg(feature = "bedrock")]
pub(crate) static BEDROCK: ferro_core::Evidence = ferro_core::Evidence::new(
    &["botocore 1.44.5"],
    &[
        ferro_core::Fixtures::new("bedrock", [8, 3, 0, 82]),
    ],
);

#[cfg(feature = "cohere")]
pub(crate) static COHERE: ferro_core::Evidence = ferro_core::Evidence::new(
    &["cohere 7.3.1"],
    &[
        ferro_core::Fixtures::new("cohere", [3, 42, 0, 23]),
    ],
);

#[cfg(feature = "google")]
pub(crate) static GOOGLE: ferro_core::Evidence = ferro_core::Evidence::new(
    &["google-genai 3.4.0"],
    &[
        ferro_core::Fixtures::new("", [13, 19, 0, 15]),
        ferro_core::Fixtures::new("vertex-ai", [15, 22, 0, 8]),
    ],
);

#[cfg(feature = "ollama")]
pub(crate) static OLLAMA: ferro_core::Evidence = ferro_core::Evidence::new(
    &["ollama 0.6.3"],
    &[
        ferro_core::Fixtures::new("", [9, 4, 0, 24]),
        ferro_core::Fixtures::new("ollama", [0, 4, 0, 4]),
        ferro_core::Fixtures::new("ollama-cloud", [1, 1, 0, 0]),
    ],
);

#[cfg(feature = "openai")]
pub(crate) static OPENAI: ferro_core::Evidence = ferro_core::Evidence::new(
    &[],
    &[
        ferro_core::Fixtures::new("openai", [8, 49, 0, 52]),
    ],
);

#[cfg(feature = "openai-compatible")]
pub(crate) static OPENAI_COMPATIBLE: ferro_core::Evidence = ferro_core::Evidence::new(
    &["mistralai 3.7.0", "huggingface_hub 2.0.0"],
    &[
        ferro_core::Fixtures::new("", [16, 50, 0, 77]),
        ferro_core::Fixtures::new("ai21", [0, 0, 0, 3]),
        ferro_core::Fixtures::new("cerebras", [0, 1, 0, 4]),
        ferro_core::Fixtures::new("cloudflare", [2, 0, 0, 3]),
        ferro_core::Fixtures::new("databricks", [0, 0, 0, 5]),
        ferro_core::Fixtures::new("deepinfra", [2, 0, 0, 4]),
        ferro_core::Fixtures::new("deepseek", [2, 0, 0, 4]),
        ferro_core::Fixtures::new("fireworks", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("groq", [2, 1, 0, 4]),
        ferro_core::Fixtures::new("hugging-face", [5, 0, 0, 7]),
        ferro_core::Fixtures::new("minimax", [0, 0, 0, 1]),
        ferro_core::Fixtures::new("mistral", [1, 3, 0, 8]),
        ferro_core::Fixtures::new("moonshot", [2, 0, 0, 5]),
        ferro_core::Fixtures::new("novita", [0, 0, 0, 2]),
        ferro_core::Fixtures::new("nvidia-nim", [0, 0, 0, 6]),
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

#[cfg(feature = "replicate")]
pub(crate) static REPLICATE: ferro_core::Evidence = ferro_core::Evidence::new(
    &["replicate 1.0.7"],
    &[
        ferro_core::Fixtures::new("replicate", [5, 0, 0, 22]),
    ],
);
