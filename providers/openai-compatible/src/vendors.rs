//! The table of the vendors with quirks or variables of their own, in the alphabet's order.

use ferro_core::ProviderFactory;
use ferro_dialect_openai::{Base, Env, Profile, Usages, Vendor};

use crate::further as f;

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[
    &AI21,
    &CEREBRAS,
    &CLOUDFLARE,
    &DATABRICKS,
    &DEEPINFRA,
    &DEEPSEEK,
    &FIREWORKS,
    &GROQ,
    &HUGGING_FACE,
    &MISTRAL,
    &MOONSHOT,
    &NOVITA,
    &NVIDIA_NIM,
    &OLLAMA,
    &OLLAMA_CLOUD,
    &OPENROUTER,
    &PERPLEXITY,
    &QWEN,
    &SAMBANOVA,
    &TOGETHER,
    &XAI,
    &OPENAI_COMPATIBLE,
    &f::N302AI,
    &f::AIMLAPI,
    &f::BASETEN,
    &f::CHUTES,
    &f::COMETAPI,
    &f::DEEPBRICKS,
    &f::DIGITALOCEAN,
    &f::FEATHERLESS_AI,
    &f::FRIENDLIAI,
    &f::GMI,
    &f::HYPERBOLIC,
    &f::INCEPTION,
    &f::INFERENCE_NET,
    &f::IOINTELLIGENCE,
    &f::KLUSTER_AI,
    &f::LAMBDA,
    &f::LEMONFOX_AI,
    &f::LINGYI,
    &f::MATTERAI,
    &f::MINIMAX,
    &f::MONSTERAPI,
    &f::MOONSHOT_CN,
    &f::MORPH,
    &f::NANOGPT,
    &f::NCOMPASS,
    &f::NEBIUS,
    &f::NSCALE,
    &f::OVHCLOUD,
    &f::PARASAIL,
    &f::PUBLICAI,
    &f::SCALEWAY,
    &f::SILICONFLOW,
    &f::STEPFUN,
    &f::UPSTAGE,
    &f::V0,
    &f::VERCEL_AI_GATEWAY,
    &f::VOLCENGINE,
    &f::WANDB,
    &f::Z_AI,
    &f::ZHIPU,
];

static AI21: Vendor = Vendor {
    kind: "ai21",
    base_url: "https://api.ai21.com/studio/v1",
    env: &[Env::Key("AI21_API_KEY"), Env::BaseUrl("AI21_BASE_URL")],
    owns: &["jamba"],
    ..Vendor::OPENAI_SHAPED
};

static CEREBRAS: Vendor = Vendor {
    kind: "cerebras",
    base_url: "https://api.cerebras.ai/v1",
    env: &[Env::Key("CEREBRAS_API_KEY"), Env::BaseUrl("CEREBRAS_BASE_URL")],
    refuses: &["presence_penalty", "frequency_penalty", "logit_bias"],
    profile: Profile { takes_names: false, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

static DEEPINFRA: Vendor = Vendor {
    kind: "deepinfra",
    base_url: "https://api.deepinfra.com/v1/openai",
    env: &[Env::Key("DEEPINFRA_API_KEY"), Env::BaseUrl("DEEPINFRA_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static DEEPSEEK: Vendor = Vendor {
    kind: "deepseek",
    base_url: "https://api.deepseek.com/v1",
    env: &[Env::Key("DEEPSEEK_API_KEY"), Env::BaseUrl("DEEPSEEK_BASE_URL")],
    owns: &["deepseek-"],
    refuses: &["presence_penalty", "frequency_penalty"],
    profile: Profile { renames: &[("user", "user_id")], ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

static FIREWORKS: Vendor = Vendor {
    kind: "fireworks",
    base_url: "https://api.fireworks.ai/inference/v1",
    env: &[Env::Key("FIREWORKS_API_KEY"), Env::BaseUrl("FIREWORKS_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static GROQ: Vendor = Vendor {
    kind: "groq",
    base_url: "https://api.groq.com/openai/v1",
    env: &[Env::Key("GROQ_API_KEY"), Env::BaseUrl("GROQ_BASE_URL")],
    refuses: &["logprobs", "logit_bias", "top_logprobs", "presence_penalty", "frequency_penalty"],
    profile: Profile { takes_names: false, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

static HUGGING_FACE: Vendor = Vendor {
    kind: "hugging-face",
    base_url: "https://router.huggingface.co/v1",
    env: &[Env::Key("HUGGING_FACE_API_KEY"), Env::BaseUrl("HUGGING_FACE_ENDPOINT")],
    ..Vendor::OPENAI_SHAPED
};

static MISTRAL: Vendor = Vendor {
    kind: "mistral",
    base_url: "https://api.mistral.ai/v1",
    env: &[Env::Key("MISTRAL_API_KEY"), Env::BaseUrl("MISTRAL_BASE_URL")],
    owns: &[
        "mistral-",
        "codestral-",
        "open-mistral-",
        "pixtral-",
        "ministral-",
        "magistral-",
        "devstral-",
        "voxtral-",
    ],
    refuses: &["logprobs", "logit_bias", "top_logprobs", "user"],
    profile: Profile {
        takes_stream_options: false,
        takes_names: false,
        renames: &[("seed", "random_seed")],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

static MOONSHOT: Vendor = Vendor {
    kind: "moonshot",
    base_url: "https://api.moonshot.ai/v1",
    env: &[Env::Key("MOONSHOT_API_KEY"), Env::BaseUrl("MOONSHOT_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static NOVITA: Vendor = Vendor {
    kind: "novita",
    base_url: "https://api.novita.ai/openai/v1",
    env: &[Env::Key("NOVITA_API_KEY"), Env::BaseUrl("NOVITA_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static NVIDIA_NIM: Vendor = Vendor {
    kind: "nvidia-nim",
    base_url: "https://integrate.api.nvidia.com/v1",
    env: &[Env::Key("NVIDIA_NIM_API_KEY"), Env::BaseUrl("NVIDIA_NIM_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static OPENROUTER: Vendor = Vendor {
    kind: "openrouter",
    base_url: "https://openrouter.ai/api/v1",
    env: &[Env::Key("OPENROUTER_API_KEY"), Env::BaseUrl("OPENROUTER_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static PERPLEXITY: Vendor = Vendor {
    kind: "perplexity",
    base_url: "https://api.perplexity.ai",
    env: &[Env::Key("PERPLEXITY_API_KEY"), Env::BaseUrl("PERPLEXITY_BASE_URL")],
    refuses: &["tools", "tool_choice"],
    ..Vendor::OPENAI_SHAPED
};

static QWEN: Vendor = Vendor {
    kind: "qwen",
    base_url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    env: &[Env::Key("QWEN_API_KEY"), Env::BaseUrl("QWEN_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static SAMBANOVA: Vendor = Vendor {
    kind: "sambanova",
    base_url: "https://api.sambanova.ai/v1",
    env: &[Env::Key("SAMBANOVA_API_KEY"), Env::BaseUrl("SAMBANOVA_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static TOGETHER: Vendor = Vendor {
    kind: "together",
    base_url: "https://api.together.ai/v1",
    env: &[Env::Key("TOGETHER_API_KEY"), Env::BaseUrl("TOGETHER_BASE_URL")],
    ..Vendor::OPENAI_SHAPED
};

static XAI: Vendor = Vendor {
    kind: "xai",
    base_url: "https://api.x.ai/v1",
    env: &[Env::Key("XAI_API_KEY"), Env::BaseUrl("XAI_BASE_URL")],
    owns: &["grok", "xai"],
    profile: Profile { usage: Usages::ReasoningOnTop, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

static CLOUDFLARE: Vendor = Vendor {
    kind: "cloudflare",
    base_url: "https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1",
    env: &[
        Env::Key("CLOUDFLARE_API_KEY"),
        Env::Account("CLOUDFLARE_ACCOUNT_ID"),
        Env::BaseUrl("CLOUDFLARE_BASE_URL"),
    ],
    ..Vendor::OPENAI_SHAPED
};

static DATABRICKS: Vendor = Vendor {
    kind: "databricks",
    env: &[
        Env::Key("DATABRICKS_TOKEN"),
        Env::Host("DATABRICKS_HOST", Base { suffix: "/serving-endpoints" }),
    ],
    ..Vendor::OPENAI_SHAPED
};

static OLLAMA: Vendor = Vendor {
    kind: "ollama",
    env: &[Env::Host("OLLAMA_HOST", Base { suffix: "/v1" })],
    refuses: &["logit_bias", "logprobs", "n", "tool_choice", "top_logprobs", "user"],
    ..Vendor::OPENAI_SHAPED
};

static OLLAMA_CLOUD: Vendor = Vendor {
    kind: "ollama-cloud",
    base_url: "https://ollama.com/v1",
    env: &[Env::Key("OLLAMA_API_KEY"), Env::BaseUrl("OLLAMA_CLOUD_BASE_URL")],
    refuses: &["logit_bias", "logprobs", "n", "tool_choice", "top_logprobs", "user"],
    profile: Profile { strips_prefix: "ollama-cloud/", ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// A vendor without a row: an operator says where it is, and shows it a key or none.
static OPENAI_COMPATIBLE: Vendor = Vendor { kind: "openai-compatible", ..Vendor::OPENAI_SHAPED };
