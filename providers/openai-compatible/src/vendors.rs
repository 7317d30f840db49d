//! Vendors with quirks or variables of their own, in the alphabet's order. A row says in which
//! document a quirk stands, or who reported it, and when that was read.

use ferro_core::{
    Auth, ErrorKind,
    SurfaceKind::{
        Chat, Completions, CountTokens, Embeddings, Forward, Images, Messages, Moderations, Rerank,
        Responses, Speech, Transcriptions, Translations,
    },
};
use ferro_dialect_openai::{
    Base, Contents, Ends, Env, FieldEdit as Field, MessageEdit as Message, Profile, TokenLimit,
    Tokens, Usages, Vendor,
};

use crate::{anthropics, deep_infra, fireworks, hugging_face, nvidia};

/// Only OpenAI's own models tell a developer from a system; elsewhere the role is unknown, and
/// templates of open models fail on it.
pub(crate) const SYSTEM: &[Message] = &[Message::DeveloperIsSystem];

/// Models' thoughts in earlier turns, under every name in use.
const THOUGHTS: &[&str] = &["reasoning_content", "reasoning", "reasoning_details"];

/// A vendor of which nothing else is known to be different.
pub(crate) const HOST: Vendor =
    Vendor { profile: Profile { messages: SYSTEM, ..Profile::STANDARD }, ..Vendor::OPENAI_SHAPED };

/// Its older models (not `jamba`) have retired, and with them their own wire. A row: `documents` and
/// whatever else is its own are fields that pass; it calls one tool at a time, and refuses more than
/// sixteen choices itself.
pub(crate) static AI21: Vendor = Vendor {
    kind: "ai21",
    base_url: "https://api.ai21.com/studio/v1",
    env: &[Env::Key("AI21_API_KEY"), Env::BaseUrl("AI21_BASE_URL")],
    listing: None,
    ..HOST
};

/// `developer` is not known (OpenAI compatibility, read 2026-11-24); penalties and bias give a 400
/// (the same page, as a client library's guide has it). Content is a string, and thoughts of earlier
/// turns are refused.
pub(crate) static CEREBRAS: Vendor = Vendor {
    kind: "cerebras",
    surfaces: &[Chat, Completions, Forward],
    base_url: "https://api.cerebras.ai/v1",
    env: &[Env::Key("CEREBRAS_API_KEY"), Env::BaseUrl("CEREBRAS_BASE_URL")],
    refuses: &["presence_penalty", "frequency_penalty", "logit_bias"],
    profile: Profile {
        messages: &[
            Message::Without(&["name"]),
            Message::Without(THOUGHTS),
            Message::DeveloperIsSystem,
            Message::TextOnly,
        ],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

/// A row: every model that writes is served at its OpenAI endpoint, and `/ai/run` would be a second way to
/// the same. What its own envelope says (`{"success":false,"errors":[…]}`) is read wherever it comes. Its
/// gateway is a base URL with the headers that an operator names (`cf-aig-…`). It has responses
/// (developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility, read 2026-12-01).
pub(crate) static CLOUDFLARE: Vendor = Vendor {
    kind: "cloudflare",
    surfaces: &[Chat, Embeddings, Responses, Forward],
    base_url: "https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1",
    env: &[
        Env::Key("CLOUDFLARE_API_KEY"),
        Env::Account("CLOUDFLARE_ACCOUNT_ID"),
        Env::BaseUrl("CLOUDFLARE_BASE_URL"),
    ],
    listing: None,
    ..HOST
};

/// Cohere by its compatibility API; its own wire is another provider's.
pub(crate) static COHERE_OPENAI: Vendor = Vendor {
    kind: "cohere-openai",
    surfaces: &[Chat, Embeddings, Forward],
    base_url: "https://api.cohere.com/compatibility/v1",
    env: &[Env::Key("COHERE_OPENAI_API_KEY"), Env::BaseUrl("COHERE_OPENAI_BASE_URL")],
    owns: &["command"],
    listing: None,
    ..HOST
};

/// Models that reason answer with a list of reasoning and text (query reasoning models, read
/// 2026-11-24). A service principal has a secret, for which it is given tokens (authorize service
/// principals with `OAuth`, read 2026-11-29). A row, because nothing else of it is its own: what Claude's
/// caches take is a member of a message, and passes. OpenAI's models have their responses below the same root
/// (query with the `OpenAI` Responses API, read 2026-11-30).
pub(crate) static DATABRICKS: Vendor = Vendor {
    kind: "databricks",
    surfaces: &[Chat, Completions, Embeddings, Responses, Messages, Forward],
    beside: &[anthropics::borne],
    base: Base::Server { scheme: "https", port: None, path: "/serving-endpoints" },
    env: &[Env::Key("DATABRICKS_TOKEN"), Env::Host("DATABRICKS_HOST")],
    tokens: Some(Tokens {
        client_id: "DATABRICKS_CLIENT_ID",
        client_secret: "DATABRICKS_CLIENT_SECRET",
        path: "/oidc/v1/token",
        scope: "all-apis",
    }),
    listing: None,
    profile: Profile { contents: Contents::Parts, ..HOST.profile },
    ..HOST
};

/// Rankings are its own inference's, and messages have a root of their own
/// (docs.deepinfra.com/api-reference/chat-completions/anthropic-messages, read 2026-12-01).
pub(crate) static DEEPINFRA: Vendor = Vendor {
    kind: "deepinfra",
    beside: &[deep_infra::beside, anthropics::borne],
    surfaces: &[
        Chat,
        Completions,
        Embeddings,
        Images,
        Messages,
        Rerank,
        Speech,
        Transcriptions,
        Translations,
        Forward,
    ],
    base_url: "https://api.deepinfra.com/v1/openai",
    env: &[Env::Key("DEEPINFRA_API_KEY"), Env::BaseUrl("DEEPINFRA_BASE_URL")],
    ..HOST
};

/// `max_tokens` is its only ceiling, penalties have no effect, and `response_format` is `text` or
/// `json_object` (API reference, as two client libraries have it). Content that is not a string is a
/// 400 (`invalid type: sequence`, in reports of 2024-09 to 2026-03; all read 2026-11-24). Thoughts go
/// back to it: its tool loops need them.
pub(crate) static DEEPSEEK: Vendor = Vendor {
    kind: "deepseek",
    surfaces: &[Chat, Responses, Messages, Forward],
    beside: &[anthropics::keyed],
    base_url: "https://api.deepseek.com/v1",
    env: &[Env::Key("DEEPSEEK_API_KEY"), Env::BaseUrl("DEEPSEEK_BASE_URL")],
    owns: &["deepseek-"],
    ignores: &["presence_penalty", "frequency_penalty"],
    profile: Profile {
        token_limit: TokenLimit::MaxTokens,
        fields: &[Field::Renamed("user", "user_id"), Field::SchemaAsPrompt],
        messages: &[Message::DeveloperIsSystem, Message::TextOnly],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

/// Responses and messages stand below its root (its guides to its Responses API and to Anthropic
/// compatibility, read 2026-11-30).
pub(crate) static FIREWORKS: Vendor = Vendor {
    kind: "fireworks",
    surfaces: &[
        Chat,
        Completions,
        Embeddings,
        Rerank,
        Responses,
        Messages,
        Transcriptions,
        Translations,
        Forward,
    ],
    beside: &[anthropics::below, fireworks::audio],
    hosts: fireworks::HOSTS,
    base_url: "https://api.fireworks.ai/inference/v1",
    env: &[Env::Key("FIREWORKS_API_KEY"), Env::BaseUrl("FIREWORKS_BASE_URL")],
    ..HOST
};

/// Gemini by its compatibility API; its own wire is another provider's.
pub(crate) static GEMINI_OPENAI: Vendor = Vendor {
    kind: "gemini-openai",
    surfaces: &[Chat, Embeddings, Forward],
    base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
    env: &[Env::Key("GEMINI_OPENAI_API_KEY"), Env::BaseUrl("GEMINI_OPENAI_BASE_URL")],
    owns: &["gemini-"],
    ..HOST
};

/// Probabilities, bias and names are refused (OpenAI compatibility, as a client library's guide has it;
/// read 2026-11-24), and so are thoughts of earlier turns; penalties are taken and have no effect. Both
/// ceilings are known. It has responses (OpenAI compatibility, read 2026-11-30).
pub(crate) static GROQ: Vendor = Vendor {
    kind: "groq",
    surfaces: &[Chat, Speech, Transcriptions, Translations, Responses, Forward],
    base_url: "https://api.groq.com/openai/v1",
    env: &[Env::Key("GROQ_API_KEY"), Env::BaseUrl("GROQ_BASE_URL")],
    ignores: &["presence_penalty", "frequency_penalty"],
    refuses: &["logprobs", "top_logprobs", "logit_bias"],
    profile: Profile {
        messages: &[
            Message::Without(&["name"]),
            Message::Without(THOUGHTS),
            Message::DeveloperIsSystem,
        ],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

/// The router, or an endpoint of one's own: the same wire at another host, so a row. Who serves a model
/// stands behind its name (`:provider`, `:fastest`, `:cheapest`), which passes. A model that is still
/// loading says when it will be there (`estimated_time`). Embeddings and pictures are its own inference's. It
/// has responses, and messages at the same root (huggingface.co/docs/inference-providers,
/// `guides/responses-api` and `integrations/claude-code`, read 2026-12-01).
pub(crate) static HUGGING_FACE: Vendor = Vendor {
    kind: "hugging-face",
    surfaces: &[Chat, Embeddings, Images, Responses, Messages, Forward],
    beside: &[hugging_face::beside, anthropics::below],
    base_url: "https://router.huggingface.co/v1",
    base: Base::Server { scheme: "https", port: None, path: "/v1" },
    env: &[Env::Key("HUGGING_FACE_API_KEY"), Env::BaseUrl("HUGGING_FACE_ENDPOINT")],
    ..HOST
};

/// Sends no `[DONE]` (a client's report of 2026-09), and says in a success what went wrong, by codes
/// of its own (error codes of its API reference; both read 2026-11-24). It has responses
/// (platform.minimaxi.com/docs/api-reference/responses-create, read 2026-12-01).
pub(crate) static MINIMAX: Vendor = Vendor {
    kind: "minimax",
    surfaces: &[Chat, Responses, Messages, Forward],
    beside: &[anthropics::borne],
    base_url: "https://api.minimax.io/v1",
    env: &[Env::Key("MINIMAX_API_KEY"), Env::BaseUrl("MINIMAX_BASE_URL")],
    codes: &[
        ("1001", ErrorKind::Timeout),
        ("1002", ErrorKind::RateLimited),
        ("1004", ErrorKind::Unauthorized),
        ("1008", ErrorKind::Quota),
        ("1026", ErrorKind::ContentPolicy),
        ("1027", ErrorKind::ContentPolicy),
        ("1039", ErrorKind::ContextLength),
        ("2013", ErrorKind::Invalid),
        ("2049", ErrorKind::Unauthorized),
    ],
    profile: Profile { messages: SYSTEM, ends: Ends::WithChoices, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// Vectors and rankings only.
pub(crate) static JINA: Vendor = Vendor {
    kind: "jina",
    base_url: "https://api.jina.ai/v1",
    env: &[Env::Key("JINA_API_KEY"), Env::BaseUrl("JINA_BASE_URL")],
    owns: &["jina-"],
    listing: None,
    surfaces: &[Embeddings, Rerank, Forward],
    edits: &[(Embeddings, &[Field::FloatsOnly, Field::Without(&["user"])])],
    ..Vendor::OPENAI_SHAPED
};

/// It differs as all hosts of its models do. It hears where OpenAI does, in events of its own; what it
/// says comes as JSON with another request (its guides to audio, read 2026-11-30), which is not this
/// wire's.
pub(crate) static MISTRAL: Vendor = Vendor {
    kind: "mistral",
    surfaces: &[Chat, Embeddings, Moderations, Transcriptions, Forward],
    edits: &[(
        Embeddings,
        &[Field::Renamed("dimensions", "output_dimension"), Field::Without(&["user"])],
    )],
    base_url: "https://api.mistral.ai/v1",
    env: &[Env::Key("MISTRAL_API_KEY"), Env::BaseUrl("MISTRAL_BASE_URL")],
    owns: &[
        "mistral-",
        "codestral-",
        "open-mistral-",
        "open-mixtral-",
        "pixtral-",
        "ministral-",
        "magistral-",
        "devstral-",
        "voxtral-",
    ],
    ..Vendor::MISTRAL_SHAPED
};

/// Usage of a stream stands in its last choice, which needs no care. Thoughts go back to it. It has
/// responses, and messages at a root of their own (its API overview, as a comparison of vendors quotes it;
/// read 2026-11-30).
pub(crate) static MOONSHOT: Vendor = Vendor {
    kind: "moonshot",
    surfaces: &[Chat, Responses, Messages, Forward],
    beside: &[anthropics::borne],
    base_url: "https://api.moonshot.ai/v1",
    env: &[Env::Key("MOONSHOT_API_KEY"), Env::BaseUrl("MOONSHOT_BASE_URL")],
    profile: Profile {
        messages: &[Message::DeveloperIsSystem, Message::EmptyContentIsText],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

/// Moonshot at home. Of what it has besides chat nothing is shown there.
pub(crate) static MOONSHOT_CN: Vendor = Vendor {
    kind: "moonshot-cn",
    surfaces: &[Chat, Forward],
    beside: &[],
    base_url: "https://api.moonshot.cn/v1",
    env: &[Env::Key("MOONSHOT_CN_API_KEY"), Env::BaseUrl("MOONSHOT_CN_BASE_URL")],
    ..MOONSHOT
};

/// Messages have a root of their own (novita.ai/docs/guides/llm-anthropic-compatibility, read 2026-12-01).
pub(crate) static NOVITA: Vendor = Vendor {
    kind: "novita",
    surfaces: &[Chat, Completions, Embeddings, Rerank, Messages, Forward],
    beside: &[anthropics::borne],
    base_url: "https://api.novita.ai/openai/v1",
    env: &[Env::Key("NOVITA_API_KEY"), Env::BaseUrl("NOVITA_BASE_URL")],
    ..HOST
};

/// Rankings are its retrieval's.
pub(crate) static NVIDIA_NIM: Vendor = Vendor {
    kind: "nvidia-nim",
    surfaces: &[Chat, Completions, Embeddings, Rerank, Forward],
    beside: &[nvidia::retrieval],
    hosts: nvidia::HOSTS,
    base_url: "https://integrate.api.nvidia.com/v1",
    env: &[Env::Key("NVIDIA_NIM_API_KEY"), Env::BaseUrl("NVIDIA_NIM_BASE_URL")],
    ..HOST
};

/// Sends no `[DONE]` (issue 209 of its API discussion, open when read 2026-11-24), and knows no tools. It has
/// responses, below a version that chat does not have
/// (docs.perplexity.ai/docs/agent-api/openai-compatibility, read 2026-12-01). Its embeddings come in whole
/// numbers only, which is not this wire's.
pub(crate) static PERPLEXITY: Vendor = Vendor {
    kind: "perplexity",
    surfaces: &[Chat, Responses, Forward],
    paths: &[(Responses, "/v1/responses")],
    base_url: "https://api.perplexity.ai",
    env: &[Env::Key("PERPLEXITY_API_KEY"), Env::BaseUrl("PERPLEXITY_BASE_URL")],
    listing: None,
    ignores: &["tools", "tool_choice"],
    profile: Profile { messages: SYSTEM, ends: Ends::WithChoices, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// Responses stand below the same root; their older path goes out of service (OpenAI-compatible
/// responses, read 2026-11-30). Messages have a root of their own
/// (alibabacloud.com/help/en/model-studio/anthropic-api-messages, read 2026-12-01).
pub(crate) static QWEN: Vendor = Vendor {
    kind: "qwen",
    surfaces: &[Chat, Embeddings, Responses, Messages, Forward],
    beside: &[anthropics::among_apps],
    most_inputs: Some(10),
    base_url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    env: &[Env::Key("QWEN_API_KEY"), Env::BaseUrl("QWEN_BASE_URL")],
    ..HOST
};

/// Content beside tool calls is a string, and so is all content for models that only read. Audio is
/// heard where its software runs elsewhere than in its own cloud (its guide to audio, read 2026-11-30). It has
/// responses, and messages whose tokens it counts, for a bearer too (docs.sambanova.ai/docs/en/features,
/// `responses` and `anthropic-compatibility`, and its reference to messages; read 2026-12-01).
pub(crate) static SAMBANOVA: Vendor = Vendor {
    kind: "sambanova",
    surfaces: &[
        Chat,
        Embeddings,
        Responses,
        Messages,
        CountTokens,
        Transcriptions,
        Translations,
        Forward,
    ],
    beside: &[anthropics::counting],
    base_url: "https://api.sambanova.ai/v1",
    env: &[Env::Key("SAMBANOVA_API_KEY"), Env::BaseUrl("SAMBANOVA_BASE_URL")],
    profile: Profile {
        messages: &[Message::DeveloperIsSystem, Message::EmptyContentIsText, Message::TextJoined],
        ..Profile::STANDARD
    },
    ..Vendor::OPENAI_SHAPED
};

pub(crate) static SARVAM: Vendor = Vendor {
    kind: "sarvam",
    base_url: "https://api.sarvam.ai/v1",
    env: &[Env::Key("SARVAM_API_KEY"), Env::BaseUrl("SARVAM_BASE_URL")],
    auth: Auth::Header("api-subscription-key"),
    ..HOST
};

/// `logprobs` is a number (API reference), and the reply's are in its own shape; a schema is taken in
/// the wire's shape (its `OpenAPI` description; both read 2026-11-24). Its older host,
/// `api.together.xyz`, is the same place. Messages stand below its root
/// (docs.together.ai/docs/inference/messages-api, read 2026-12-01).
pub(crate) static TOGETHER: Vendor = Vendor {
    kind: "together",
    beside: &[anthropics::below],
    surfaces: &[
        Chat,
        Completions,
        Embeddings,
        Images,
        Rerank,
        Messages,
        Speech,
        Transcriptions,
        Translations,
        Forward,
    ],
    edits: &[(
        Images,
        &[Field::Reworded("response_format", "b64_json", "base64"), Field::SizeInTwo],
    )],
    base_url: "https://api.together.ai/v1",
    env: &[Env::Key("TOGETHER_API_KEY"), Env::BaseUrl("TOGETHER_BASE_URL")],
    profile: Profile { fields: &[Field::CountedLogprobs], messages: SYSTEM, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// Vectors and rankings only. How many are wanted is `top_k` there (types of its own client, `voyageai`
/// 0.0.4 on npm, read 2026-11-30).
pub(crate) static VOYAGE: Vendor = Vendor {
    kind: "voyage",
    base_url: "https://api.voyageai.com/v1",
    env: &[Env::Key("VOYAGE_API_KEY"), Env::BaseUrl("VOYAGE_BASE_URL")],
    owns: &["voyage-", "rerank-2", "rerank-lite-"],
    listing: None,
    surfaces: &[Embeddings, Rerank, Forward],
    edits: &[
        (
            Embeddings,
            &[
                Field::Renamed("dimensions", "output_dimension"),
                Field::FloatsOnly,
                Field::Without(&["user"]),
            ],
        ),
        (Rerank, &[Field::Renamed("top_n", "top_k")]),
    ],
    most_inputs: Some(1000),
    ..Vendor::OPENAI_SHAPED
};

/// Reasoning tokens are not among the completion's: the total is the sum of three (consumption and
/// rate limits, as quoted in reports of 2026-02 to 2026-09; read 2026-11-24).
pub(crate) static XAI: Vendor = Vendor {
    kind: "xai",
    surfaces: &[Chat, Images, Responses, Forward],
    edits: &[(Images, &[Field::Without(&["size", "quality", "style"])])],
    base_url: "https://api.x.ai/v1",
    env: &[Env::Key("XAI_API_KEY"), Env::BaseUrl("XAI_BASE_URL")],
    owns: &["grok", "xai"],
    profile: Profile { messages: SYSTEM, usage: Usages::ReasoningOnTop, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// Zhipu abroad. It has messages at a root of their own (its guide to Claude Code, as a client library has
/// the address; read 2026-11-30).
pub(crate) static Z_AI: Vendor = Vendor {
    kind: "z-ai",
    surfaces: &[Chat, Images, Messages, Forward],
    beside: &[anthropics::borne],
    base_url: "https://api.z.ai/api/paas/v4",
    env: &[Env::Key("Z_AI_API_KEY"), Env::BaseUrl("Z_AI_BASE_URL")],
    ..ZHIPU
};

/// Errors have codes of its own (error codes of its API reference, read 2026-11-24).
pub(crate) static ZHIPU: Vendor = Vendor {
    kind: "zhipu",
    surfaces: &[Chat, Embeddings, Images, Forward],
    most_inputs: Some(64),
    base_url: "https://open.bigmodel.cn/api/paas/v4",
    env: &[Env::Key("ZHIPU_API_KEY"), Env::BaseUrl("ZHIPU_BASE_URL")],
    codes: &[
        ("1000", ErrorKind::Unauthorized),
        ("1001", ErrorKind::Unauthorized),
        ("1002", ErrorKind::Unauthorized),
        ("1003", ErrorKind::Unauthorized),
        ("1004", ErrorKind::Unauthorized),
        ("1113", ErrorKind::Quota),
        ("1211", ErrorKind::NotFound),
        ("1261", ErrorKind::ContextLength),
        ("1301", ErrorKind::ContentPolicy),
        ("1302", ErrorKind::RateLimited),
        ("1303", ErrorKind::RateLimited),
        ("1304", ErrorKind::Quota),
        ("1305", ErrorKind::RateLimited),
        ("1308", ErrorKind::Quota),
        ("1310", ErrorKind::Quota),
        ("1312", ErrorKind::Overloaded),
    ],
    ..HOST
};
