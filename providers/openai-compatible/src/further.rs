//! Hosts of open models without a quirk that is known: each at its place, with `<KIND>_API_KEY` and
//! `<KIND>_BASE_URL`.

use ferro_core::SurfaceKind::{
    self, Chat, Completions, Embeddings, Forward, Images, Messages, Rerank, Responses, Speech,
    Transcriptions,
};
use ferro_dialect_openai::{Env, FieldEdit, Vendor};

use crate::{anthropics, vendors::HOST};

const fn host(kind: &'static str, base_url: &'static str, env: &'static [Env]) -> Vendor {
    Vendor { kind, base_url, env, ..HOST }
}

/// The same host, where it serves more than chat.
const fn serving(vendor: &Vendor, surfaces: &'static [SurfaceKind]) -> Vendor {
    Vendor { surfaces, ..*vendor }
}

pub(crate) static AIBADGR: Vendor = host(
    "aibadgr",
    "https://aibadgr.com/api/v1",
    &[Env::Key("AIBADGR_API_KEY"), Env::BaseUrl("AIBADGR_BASE_URL")],
);

pub(crate) static AMAZON_NOVA: Vendor = host(
    "amazon-nova",
    "https://api.nova.amazon.com/v1",
    &[Env::Key("AMAZON_NOVA_API_KEY"), Env::BaseUrl("AMAZON_NOVA_BASE_URL")],
);

pub(crate) static ANYSCALE: Vendor = host(
    "anyscale",
    "https://api.endpoints.anyscale.com/v1",
    &[Env::Key("ANYSCALE_API_KEY"), Env::BaseUrl("ANYSCALE_BASE_URL")],
);

pub(crate) static BAICHUAN: Vendor = serving(
    &host(
        "baichuan",
        "https://api.baichuan-ai.com/v1",
        &[Env::Key("BAICHUAN_API_KEY"), Env::BaseUrl("BAICHUAN_BASE_URL")],
    ),
    &[Chat, Embeddings, Forward],
);

/// Messages are shown a bearer (docs.baseten.co/reference/inference-api/messages, read 2026-12-01).
pub(crate) static BASETEN: Vendor = Vendor {
    surfaces: &[Chat, Messages, Forward],
    beside: &[anthropics::below],
    ..host(
        "baseten",
        "https://inference.baseten.co/v1",
        &[Env::Key("BASETEN_API_KEY"), Env::BaseUrl("BASETEN_BASE_URL")],
    )
};

pub(crate) static CHUTES: Vendor = serving(
    &host(
        "chutes",
        "https://llm.chutes.ai/v1",
        &[Env::Key("CHUTES_API_KEY"), Env::BaseUrl("CHUTES_BASE_URL")],
    ),
    &[Chat, Completions, Forward],
);

pub(crate) static DEEPBRICKS: Vendor = host(
    "deepbricks",
    "https://api.deepbricks.ai/v1",
    &[Env::Key("DEEPBRICKS_API_KEY"), Env::BaseUrl("DEEPBRICKS_BASE_URL")],
);

/// What it has besides chat: docs.digitalocean.com/reference/doctl/reference/serverless-inference, read
/// 2026-12-01. Its speech may come inside JSON, which is not this wire's.
pub(crate) static DIGITALOCEAN: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Images, Responses, Messages, Forward],
    beside: &[anthropics::below],
    ..host(
        "digitalocean",
        "https://inference.do-ai.run/v1",
        &[Env::Key("DIGITALOCEAN_API_KEY"), Env::BaseUrl("DIGITALOCEAN_BASE_URL")],
    )
};

/// Embeddings and speech: featherless.ai/docs/embeddings and /docs/api-reference-audio-speech, read
/// 2026-12-01.
pub(crate) static FEATHERLESS_AI: Vendor = Vendor {
    surfaces: &[Chat, Completions, Embeddings, Speech, Forward],
    ..host(
        "featherless-ai",
        "https://api.featherless.ai/v1",
        &[Env::Key("FEATHERLESS_AI_API_KEY"), Env::BaseUrl("FEATHERLESS_AI_BASE_URL")],
    )
};

/// Responses and messages: its `OpenAPI` description (github.com/friendliai/friendli-openapi), read 2026-12-01.
pub(crate) static FRIENDLIAI: Vendor = Vendor {
    surfaces: &[Chat, Completions, Responses, Messages, Forward],
    beside: &[anthropics::below],
    ..host(
        "friendliai",
        "https://api.friendli.ai/serverless/v1",
        &[Env::Key("FRIENDLIAI_API_KEY"), Env::BaseUrl("FRIENDLIAI_BASE_URL")],
    )
};

pub(crate) static GMI: Vendor = host(
    "gmi",
    "https://api.gmi-serving.com/v1",
    &[Env::Key("GMI_API_KEY"), Env::BaseUrl("GMI_BASE_URL")],
);

/// Embeddings and images: devcenter.heroku.com/categories/heroku-inference, read 2026-12-01.
/// It ranks as Cohere does (devcenter.heroku.com/articles/heroku-inference-api-v1-rerank, read 2026-12-01).
pub(crate) static HEROKU: Vendor = serving(
    &host(
        "heroku",
        "https://us.inference.heroku.com/v1",
        &[Env::Key("HEROKU_API_KEY"), Env::BaseUrl("HEROKU_BASE_URL")],
    ),
    &[Chat, Embeddings, Images, Rerank, Forward],
);

/// Embeddings: cloud.tencent.com/document/product/1729/111007, read 2026-12-01.
pub(crate) static HUNYUAN: Vendor = serving(
    &host(
        "hunyuan",
        "https://api.hunyuan.cloud.tencent.com/v1",
        &[Env::Key("HUNYUAN_API_KEY"), Env::BaseUrl("HUNYUAN_BASE_URL")],
    ),
    &[Chat, Embeddings, Forward],
);

pub(crate) static HYPERBOLIC: Vendor = serving(
    &host(
        "hyperbolic",
        "https://api.hyperbolic.xyz/v1",
        &[Env::Key("HYPERBOLIC_API_KEY"), Env::BaseUrl("HYPERBOLIC_BASE_URL")],
    ),
    &[Chat, Completions, Forward],
);

pub(crate) static INCEPTION: Vendor = host(
    "inception",
    "https://api.inceptionlabs.ai/v1",
    &[Env::Key("INCEPTION_API_KEY"), Env::BaseUrl("INCEPTION_BASE_URL")],
);

pub(crate) static INFERENCE_NET: Vendor = host(
    "inference-net",
    "https://api.inference.net/v1",
    &[Env::Key("INFERENCE_NET_API_KEY"), Env::BaseUrl("INFERENCE_NET_BASE_URL")],
);

pub(crate) static IOINTELLIGENCE: Vendor = host(
    "iointelligence",
    "https://api.intelligence.io.solutions/api/v1",
    &[Env::Key("IOINTELLIGENCE_API_KEY"), Env::BaseUrl("IOINTELLIGENCE_BASE_URL")],
);

pub(crate) static KLUSTER_AI: Vendor = host(
    "kluster-ai",
    "https://api.kluster.ai/v1",
    &[Env::Key("KLUSTER_AI_API_KEY"), Env::BaseUrl("KLUSTER_AI_BASE_URL")],
);

pub(crate) static KRUTRIM: Vendor = host(
    "krutrim",
    "https://cloud.olakrutrim.com/v1",
    &[Env::Key("KRUTRIM_API_KEY"), Env::BaseUrl("KRUTRIM_BASE_URL")],
);

pub(crate) static LAMBDA: Vendor = serving(
    &host(
        "lambda",
        "https://api.lambdalabs.com/v1",
        &[Env::Key("LAMBDA_API_KEY"), Env::BaseUrl("LAMBDA_BASE_URL")],
    ),
    &[Chat, Completions, Forward],
);

pub(crate) static LEMONFOX_AI: Vendor = serving(
    &host(
        "lemonfox-ai",
        "https://api.lemonfox.ai/v1",
        &[Env::Key("LEMONFOX_AI_API_KEY"), Env::BaseUrl("LEMONFOX_AI_BASE_URL")],
    ),
    &[Chat, Images, Forward],
);

pub(crate) static LEPTON: Vendor = host(
    "lepton",
    "https://api.lepton.ai/api/v1",
    &[Env::Key("LEPTON_API_KEY"), Env::BaseUrl("LEPTON_BASE_URL")],
);

pub(crate) static LINGYI: Vendor = host(
    "lingyi",
    "https://api.lingyiwanwu.com/v1",
    &[Env::Key("LINGYI_API_KEY"), Env::BaseUrl("LINGYI_BASE_URL")],
);

pub(crate) static LLAMAGATE: Vendor = host(
    "llamagate",
    "https://api.llamagate.dev/v1",
    &[Env::Key("LLAMAGATE_API_KEY"), Env::BaseUrl("LLAMAGATE_BASE_URL")],
);

pub(crate) static MATTERAI: Vendor = host(
    "matterai",
    "https://api.matterai.so/v1",
    &[Env::Key("MATTERAI_API_KEY"), Env::BaseUrl("MATTERAI_BASE_URL")],
);

pub(crate) static META_LLAMA: Vendor = host(
    "meta-llama",
    "https://api.llama.com/compat/v1",
    &[Env::Key("META_LLAMA_API_KEY"), Env::BaseUrl("META_LLAMA_BASE_URL")],
);

pub(crate) static MONSTERAPI: Vendor = host(
    "monsterapi",
    "https://llm.monsterapi.ai/v1",
    &[Env::Key("MONSTERAPI_API_KEY"), Env::BaseUrl("MONSTERAPI_BASE_URL")],
);

pub(crate) static MORPH: Vendor = host(
    "morph",
    "https://api.morphllm.com/v1",
    &[Env::Key("MORPH_API_KEY"), Env::BaseUrl("MORPH_BASE_URL")],
);

pub(crate) static NCOMPASS: Vendor = host(
    "ncompass",
    "https://api.ncompass.tech/v1",
    &[Env::Key("NCOMPASS_API_KEY"), Env::BaseUrl("NCOMPASS_BASE_URL")],
);

pub(crate) static NEBIUS: Vendor = serving(
    &host(
        "nebius",
        "https://api.studio.nebius.ai/v1",
        &[Env::Key("NEBIUS_API_KEY"), Env::BaseUrl("NEBIUS_BASE_URL")],
    ),
    &[Chat, Completions, Embeddings, Images, Forward],
);

pub(crate) static NEXTBIT: Vendor = host(
    "nextbit",
    "https://api.nextbit256.com/v1",
    &[Env::Key("NEXTBIT_API_KEY"), Env::BaseUrl("NEXTBIT_BASE_URL")],
);

pub(crate) static NSCALE: Vendor = serving(
    &host(
        "nscale",
        "https://inference.api.nscale.com/v1",
        &[Env::Key("NSCALE_API_KEY"), Env::BaseUrl("NSCALE_BASE_URL")],
    ),
    &[Chat, Embeddings, Images, Forward],
);

/// What is heard: its guide to speech (github.com/ovh/docs, `endpoints_guide_08_audio_transcriptions`), read
/// 2026-12-01.
pub(crate) static OVHCLOUD: Vendor = serving(
    &host(
        "ovhcloud",
        "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
        &[Env::Key("OVHCLOUD_API_KEY"), Env::BaseUrl("OVHCLOUD_BASE_URL")],
    ),
    &[Chat, Embeddings, Transcriptions, Forward],
);

pub(crate) static PARASAIL: Vendor = host(
    "parasail",
    "https://api.parasail.io/v1",
    &[Env::Key("PARASAIL_API_KEY"), Env::BaseUrl("PARASAIL_BASE_URL")],
);

pub(crate) static PUBLICAI: Vendor = host(
    "publicai",
    "https://api.publicai.co/v1",
    &[Env::Key("PUBLICAI_API_KEY"), Env::BaseUrl("PUBLICAI_BASE_URL")],
);

/// Responses and what is heard: scaleway.com/en/docs/generative-apis (`openai-compatibility`,
/// `query-audio-models`), read 2026-12-01.
pub(crate) static SCALEWAY: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Responses, Transcriptions, Forward],
    ..host(
        "scaleway",
        "https://api.scaleway.ai/v1",
        &[Env::Key("SCALEWAY_API_KEY"), Env::BaseUrl("SCALEWAY_BASE_URL")],
    )
};

/// How large an image is, and how many there are, have names of its own. Messages and audio:
/// docs.siliconflow.cn (`messages-post`, `create-speech`, `create-audio-transcriptions`), read 2026-12-01.
pub(crate) static SILICONFLOW: Vendor = Vendor {
    surfaces: &[Chat, Embeddings, Images, Rerank, Messages, Speech, Transcriptions, Forward],
    beside: &[anthropics::below],
    edits: &[(
        Images,
        &[FieldEdit::Renamed("size", "image_size"), FieldEdit::Renamed("n", "batch_size")],
    )],
    most_inputs: Some(32),
    ..host(
        "siliconflow",
        "https://api.siliconflow.cn/v1",
        &[Env::Key("SILICONFLOW_API_KEY"), Env::BaseUrl("SILICONFLOW_BASE_URL")],
    )
};

/// Audio: its own demonstration (huggingface.co/spaces/stepfun-ai/Step-Audio, `yuewen_api.py`, which asks by
/// OpenAI's client), read 2026-12-01.
pub(crate) static STEPFUN: Vendor = Vendor {
    surfaces: &[Chat, Images, Speech, Transcriptions, Forward],
    ..host(
        "stepfun",
        "https://api.stepfun.com/v1",
        &[Env::Key("STEPFUN_API_KEY"), Env::BaseUrl("STEPFUN_BASE_URL")],
    )
};

pub(crate) static TENCENT_LKEAP: Vendor = host(
    "tencent-lkeap",
    "https://api.lkeap.cloud.tencent.com/v1",
    &[Env::Key("TENCENT_LKEAP_API_KEY"), Env::BaseUrl("TENCENT_LKEAP_BASE_URL")],
);

/// Embeddings: console.upstage.ai/docs/capabilities/embed, read 2026-12-01.
pub(crate) static UPSTAGE: Vendor = serving(
    &host(
        "upstage",
        "https://api.upstage.ai/v1/solar",
        &[Env::Key("UPSTAGE_API_KEY"), Env::BaseUrl("UPSTAGE_BASE_URL")],
    ),
    &[Chat, Embeddings, Forward],
);

pub(crate) static V0: Vendor =
    host("v0", "https://api.v0.dev/v1", &[Env::Key("V0_API_KEY"), Env::BaseUrl("V0_BASE_URL")]);

/// What it has besides chat: its own client (`com.volcengine:volcengine-java-sdk-ark-runtime` 2.0.12, packages
/// `embeddings`, `images.generation`, `responses`), read 2026-12-01.
pub(crate) static VOLCENGINE: Vendor = serving(
    &host(
        "volcengine",
        "https://ark.cn-beijing.volces.com/api/v3",
        &[Env::Key("VOLCENGINE_API_KEY"), Env::BaseUrl("VOLCENGINE_BASE_URL")],
    ),
    &[Chat, Embeddings, Images, Responses, Forward],
);

pub(crate) static WANDB: Vendor = host(
    "wandb",
    "https://api.inference.wandb.ai/v1",
    &[Env::Key("WANDB_API_KEY"), Env::BaseUrl("WANDB_BASE_URL")],
);
