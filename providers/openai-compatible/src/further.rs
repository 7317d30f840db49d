//! Further vendors: each at its place, with `<KIND>_API_KEY` and `<KIND>_BASE_URL`, and no quirk known.

use ferro_dialect_openai::{Env, Vendor};

const fn plain(kind: &'static str, base_url: &'static str, env: &'static [Env]) -> Vendor {
    Vendor { kind, base_url, env, ..Vendor::OPENAI_SHAPED }
}

pub(crate) static N302AI: Vendor = plain(
    "302ai",
    "https://api.302.ai/v1",
    &[Env::Key("AI_302_API_KEY"), Env::BaseUrl("AI_302_BASE_URL")],
);

pub(crate) static AIMLAPI: Vendor = plain(
    "aimlapi",
    "https://api.aimlapi.com/v1",
    &[Env::Key("AIMLAPI_API_KEY"), Env::BaseUrl("AIMLAPI_BASE_URL")],
);

pub(crate) static BASETEN: Vendor = plain(
    "baseten",
    "https://inference.baseten.co/v1",
    &[Env::Key("BASETEN_API_KEY"), Env::BaseUrl("BASETEN_BASE_URL")],
);

pub(crate) static CHUTES: Vendor = plain(
    "chutes",
    "https://llm.chutes.ai/v1",
    &[Env::Key("CHUTES_API_KEY"), Env::BaseUrl("CHUTES_BASE_URL")],
);

pub(crate) static COMETAPI: Vendor = plain(
    "cometapi",
    "https://api.cometapi.com/v1",
    &[Env::Key("COMETAPI_API_KEY"), Env::BaseUrl("COMETAPI_BASE_URL")],
);

pub(crate) static DEEPBRICKS: Vendor = plain(
    "deepbricks",
    "https://api.deepbricks.ai/v1",
    &[Env::Key("DEEPBRICKS_API_KEY"), Env::BaseUrl("DEEPBRICKS_BASE_URL")],
);

pub(crate) static DIGITALOCEAN: Vendor = plain(
    "digitalocean",
    "https://inference.do-ai.run/v1",
    &[Env::Key("DIGITALOCEAN_API_KEY"), Env::BaseUrl("DIGITALOCEAN_BASE_URL")],
);

pub(crate) static FEATHERLESS_AI: Vendor = plain(
    "featherless-ai",
    "https://api.featherless.ai/v1",
    &[Env::Key("FEATHERLESS_AI_API_KEY"), Env::BaseUrl("FEATHERLESS_AI_BASE_URL")],
);

pub(crate) static FRIENDLIAI: Vendor = plain(
    "friendliai",
    "https://api.friendli.ai/serverless/v1",
    &[Env::Key("FRIENDLIAI_API_KEY"), Env::BaseUrl("FRIENDLIAI_BASE_URL")],
);

pub(crate) static GMI: Vendor = plain(
    "gmi",
    "https://api.gmi-serving.com/v1",
    &[Env::Key("GMI_API_KEY"), Env::BaseUrl("GMI_BASE_URL")],
);

pub(crate) static HYPERBOLIC: Vendor = plain(
    "hyperbolic",
    "https://api.hyperbolic.xyz/v1",
    &[Env::Key("HYPERBOLIC_API_KEY"), Env::BaseUrl("HYPERBOLIC_BASE_URL")],
);

pub(crate) static INCEPTION: Vendor = plain(
    "inception",
    "https://api.inceptionlabs.ai/v1",
    &[Env::Key("INCEPTION_API_KEY"), Env::BaseUrl("INCEPTION_BASE_URL")],
);

pub(crate) static INFERENCE_NET: Vendor = plain(
    "inference-net",
    "https://api.inference.net/v1",
    &[Env::Key("INFERENCE_NET_API_KEY"), Env::BaseUrl("INFERENCE_NET_BASE_URL")],
);

pub(crate) static IOINTELLIGENCE: Vendor = plain(
    "iointelligence",
    "https://api.intelligence.io.solutions/api/v1",
    &[Env::Key("IOINTELLIGENCE_API_KEY"), Env::BaseUrl("IOINTELLIGENCE_BASE_URL")],
);

pub(crate) static KLUSTER_AI: Vendor = plain(
    "kluster-ai",
    "https://api.kluster.ai/v1",
    &[Env::Key("KLUSTER_AI_API_KEY"), Env::BaseUrl("KLUSTER_AI_BASE_URL")],
);

pub(crate) static LAMBDA: Vendor = plain(
    "lambda",
    "https://api.lambda.ai/v1",
    &[Env::Key("LAMBDA_API_KEY"), Env::BaseUrl("LAMBDA_BASE_URL")],
);

pub(crate) static LEMONFOX_AI: Vendor = plain(
    "lemonfox-ai",
    "https://api.lemonfox.ai/v1",
    &[Env::Key("LEMONFOX_AI_API_KEY"), Env::BaseUrl("LEMONFOX_AI_BASE_URL")],
);

pub(crate) static LINGYI: Vendor = plain(
    "lingyi",
    "https://api.lingyiwanwu.com/v1",
    &[Env::Key("LINGYI_API_KEY"), Env::BaseUrl("LINGYI_BASE_URL")],
);

pub(crate) static MATTERAI: Vendor = plain(
    "matterai",
    "https://api.matterai.so/v1",
    &[Env::Key("MATTERAI_API_KEY"), Env::BaseUrl("MATTERAI_BASE_URL")],
);

pub(crate) static MINIMAX: Vendor = plain(
    "minimax",
    "https://api.minimax.io/v1",
    &[Env::Key("MINIMAX_API_KEY"), Env::BaseUrl("MINIMAX_BASE_URL")],
);

pub(crate) static MONSTERAPI: Vendor = plain(
    "monsterapi",
    "https://llm.monsterapi.ai/v1",
    &[Env::Key("MONSTERAPI_API_KEY"), Env::BaseUrl("MONSTERAPI_BASE_URL")],
);

pub(crate) static MOONSHOT_CN: Vendor = plain(
    "moonshot-cn",
    "https://api.moonshot.cn/v1",
    &[Env::Key("MOONSHOT_CN_API_KEY"), Env::BaseUrl("MOONSHOT_CN_BASE_URL")],
);

pub(crate) static MORPH: Vendor = plain(
    "morph",
    "https://api.morphllm.com/v1",
    &[Env::Key("MORPH_API_KEY"), Env::BaseUrl("MORPH_BASE_URL")],
);

pub(crate) static NANOGPT: Vendor = plain(
    "nanogpt",
    "https://nano-gpt.com/api/v1",
    &[Env::Key("NANOGPT_API_KEY"), Env::BaseUrl("NANOGPT_BASE_URL")],
);

pub(crate) static NCOMPASS: Vendor = plain(
    "ncompass",
    "https://api.ncompass.tech/v1",
    &[Env::Key("NCOMPASS_API_KEY"), Env::BaseUrl("NCOMPASS_BASE_URL")],
);

pub(crate) static NEBIUS: Vendor = plain(
    "nebius",
    "https://api.studio.nebius.ai/v1",
    &[Env::Key("NEBIUS_API_KEY"), Env::BaseUrl("NEBIUS_BASE_URL")],
);

pub(crate) static NSCALE: Vendor = plain(
    "nscale",
    "https://inference.api.nscale.com/v1",
    &[Env::Key("NSCALE_API_KEY"), Env::BaseUrl("NSCALE_BASE_URL")],
);

pub(crate) static OVHCLOUD: Vendor = plain(
    "ovhcloud",
    "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
    &[Env::Key("OVHCLOUD_API_KEY"), Env::BaseUrl("OVHCLOUD_BASE_URL")],
);

pub(crate) static PARASAIL: Vendor = plain(
    "parasail",
    "https://api.parasail.io/v1",
    &[Env::Key("PARASAIL_API_KEY"), Env::BaseUrl("PARASAIL_BASE_URL")],
);

pub(crate) static PUBLICAI: Vendor = plain(
    "publicai",
    "https://api.publicai.co/v1",
    &[Env::Key("PUBLICAI_API_KEY"), Env::BaseUrl("PUBLICAI_BASE_URL")],
);

pub(crate) static SCALEWAY: Vendor = plain(
    "scaleway",
    "https://api.scaleway.ai/v1",
    &[Env::Key("SCALEWAY_API_KEY"), Env::BaseUrl("SCALEWAY_BASE_URL")],
);

pub(crate) static SILICONFLOW: Vendor = plain(
    "siliconflow",
    "https://api.siliconflow.cn/v1",
    &[Env::Key("SILICONFLOW_API_KEY"), Env::BaseUrl("SILICONFLOW_BASE_URL")],
);

pub(crate) static STEPFUN: Vendor = plain(
    "stepfun",
    "https://api.stepfun.com/v1",
    &[Env::Key("STEPFUN_API_KEY"), Env::BaseUrl("STEPFUN_BASE_URL")],
);

pub(crate) static UPSTAGE: Vendor = plain(
    "upstage",
    "https://api.upstage.ai/v1/solar",
    &[Env::Key("UPSTAGE_API_KEY"), Env::BaseUrl("UPSTAGE_BASE_URL")],
);

pub(crate) static V0: Vendor =
    plain("v0", "https://api.v0.dev/v1", &[Env::Key("V0_API_KEY"), Env::BaseUrl("V0_BASE_URL")]);

pub(crate) static VERCEL_AI_GATEWAY: Vendor = plain(
    "vercel-ai-gateway",
    "https://ai-gateway.vercel.sh/v1",
    &[Env::Key("VERCEL_AI_GATEWAY_API_KEY"), Env::BaseUrl("VERCEL_AI_GATEWAY_BASE_URL")],
);

pub(crate) static VOLCENGINE: Vendor = plain(
    "volcengine",
    "https://ark.cn-beijing.volces.com/api/v3",
    &[Env::Key("VOLCENGINE_API_KEY"), Env::BaseUrl("VOLCENGINE_BASE_URL")],
);

pub(crate) static WANDB: Vendor = plain(
    "wandb",
    "https://api.inference.wandb.ai/v1",
    &[Env::Key("WANDB_API_KEY"), Env::BaseUrl("WANDB_BASE_URL")],
);

pub(crate) static Z_AI: Vendor = plain(
    "z-ai",
    "https://api.z.ai/api/paas/v4",
    &[Env::Key("Z_AI_API_KEY"), Env::BaseUrl("Z_AI_BASE_URL")],
);

pub(crate) static ZHIPU: Vendor = plain(
    "zhipu",
    "https://open.bigmodel.cn/api/paas/v4",
    &[Env::Key("ZHIPU_API_KEY"), Env::BaseUrl("ZHIPU_BASE_URL")],
);
