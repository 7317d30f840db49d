//! The table: every row, once. The order is the one in which vendors that the environment configures
//! are listed, so it never changes but by additions at the end of a part.

use ferro_core::ProviderFactory;

use crate::{further as f, gateways as g, local as l, vendors as v};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[
    &v::AI21,
    &v::CEREBRAS,
    &v::CLOUDFLARE,
    &v::DATABRICKS,
    &v::DEEPINFRA,
    &v::DEEPSEEK,
    &v::FIREWORKS,
    &v::GROQ,
    &v::HUGGING_FACE,
    &v::MISTRAL,
    &v::MOONSHOT,
    &v::NOVITA,
    &v::NVIDIA_NIM,
    &g::OPENROUTER,
    &v::PERPLEXITY,
    &v::QWEN,
    &v::SAMBANOVA,
    &v::TOGETHER,
    &v::XAI,
    &l::OPENAI_COMPATIBLE,
    // Vendors that came later.
    &g::N302AI,
    &f::AIBADGR,
    &g::AIMLAPI,
    &f::AMAZON_NOVA,
    &f::ANYSCALE,
    &f::BAICHUAN,
    &f::BASETEN,
    &f::CHUTES,
    &g::CLOUDFLARE_AI_GATEWAY,
    &v::COHERE_OPENAI,
    &g::COMETAPI,
    &f::DEEPBRICKS,
    &f::DIGITALOCEAN,
    &f::FEATHERLESS_AI,
    &f::FRIENDLIAI,
    &v::GEMINI_OPENAI,
    &g::GITHUB_MODELS,
    &f::GMI,
    &f::HEROKU,
    &f::HUNYUAN,
    &f::HYPERBOLIC,
    &f::INCEPTION,
    &f::INFERENCE_NET,
    &f::IOINTELLIGENCE,
    &f::KLUSTER_AI,
    &f::KRUTRIM,
    &f::LAMBDA,
    &f::LEMONFOX_AI,
    &f::LEPTON,
    &f::LINGYI,
    &f::LLAMAGATE,
    &l::LLAMA_CPP,
    &l::LMSTUDIO,
    &f::MATTERAI,
    &f::META_LLAMA,
    &v::MINIMAX,
    &f::MONSTERAPI,
    &v::MOONSHOT_CN,
    &f::MORPH,
    &g::NANOGPT,
    &f::NCOMPASS,
    &f::NEBIUS,
    &f::NEXTBIT,
    &f::NSCALE,
    &f::OVHCLOUD,
    &f::PARASAIL,
    &f::PUBLICAI,
    &g::REQUESTY,
    &v::SARVAM,
    &f::SCALEWAY,
    &l::SGLANG,
    &f::SILICONFLOW,
    &f::STEPFUN,
    &f::TENCENT_LKEAP,
    &g::TETRATE,
    &f::UPSTAGE,
    &f::V0,
    &g::VERCEL_AI_GATEWAY,
    &l::VLLM,
    &f::VOLCENGINE,
    &f::WANDB,
    &v::ZHIPU,
    &v::Z_AI,
    &v::JINA,
    &v::VOYAGE,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ferro_core::Description;

    use super::*;

    fn line(row: &Description) -> String {
        let root = match row.base_url {
            "" => "its operator's".to_owned(),
            url => format!("`{url}`"),
        };
        let variable = |name: &str, required| match required {
            true => format!("`{name}`"),
            false => format!("`{name}`?"),
        };
        let variables: Vec<_> =
            row.env.iter().map(|var| variable(var.name, var.required)).collect();
        format!("| `{}` | {root} | {} |", row.kind, variables.join(", "))
    }

    #[test]
    fn the_readme_shows_every_row() {
        let rows: Vec<_> = PROVIDERS.iter().map(|row| line(&row.describe())).collect();
        let readme = include_str!("../README.md");
        let (_, shown) = readme.split_once("|---|---|---|\n").expect("the table of rows");
        assert_eq!(shown.trim_end(), rows.join("\n"), "the table should be:\n{}", rows.join("\n"));
    }

    #[test]
    fn no_two_rows_share_a_kind_or_a_variable() {
        let (mut kinds, mut variables) = (HashSet::new(), HashSet::new());
        for row in PROVIDERS.iter().map(|row| row.describe()) {
            assert!(kinds.insert(row.kind), "{}", row.kind);
            for variable in row.env {
                assert!(variables.insert(variable.name), "{}: {}", row.kind, variable.name);
            }
        }
    }
}
