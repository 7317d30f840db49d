//! Whose a model is, and so in which wire it is asked.
//!
//! Makers and their models: `https://docs.cloud.google.com/vertex-ai/generative-ai/docs/maas/use-open-models`,
//! by excerpts of 2026-11-29.

/// How a model is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Family<'a> {
    /// In Gemini's wire, at `publishers/google/models/<name>`.
    Gemini(&'a str),
    /// In Gemini's wire, at an endpoint of the project's own.
    Tuned(&'a str),
    /// In Anthropic's wire, at `publishers/anthropic/models/<name>`.
    Claude(&'a str),
    /// In OpenAI's wire, at `publishers/mistralai/models/<name>`.
    Mistral(&'a str),
    /// In OpenAI's wire, at the endpoint that all others share: the maker, and the model.
    Shared(&'a str, &'a str),
}

/// Makers whose models are known by how their names begin.
const MAKERS: &[(&str, &str)] = &[
    ("llama-", "meta"),
    ("deepseek-", "deepseek-ai"),
    ("qwen", "qwen"),
    ("gpt-oss-", "openai"),
    ("kimi-", "moonshotai"),
    ("minimax-", "minimaxai"),
    ("glm-", "zai-org"),
];
const MISTRALS: &[&str] =
    &["mistral-", "codestral", "ministral-", "mixtral-", "magistral-", "pixtral-", "devstral-"];
/// How the names of Google's own begin.
const GOOGLES: &[&str] = &[
    "gemini-",
    "text-embedding-",
    "textembedding-gecko",
    "text-multilingual-embedding-",
    "imagen-",
];

impl<'a> Family<'a> {
    pub(crate) fn of(model: &'a str) -> Self {
        let bare = model.strip_prefix("publishers/").unwrap_or(model);
        let (maker, name) = match bare.split_once("/models/") {
            Some((maker, name)) => (maker, name),
            None => bare.split_once('/').unwrap_or(("", bare)),
        };
        if maker == "endpoints" {
            return Self::Tuned(name);
        }
        match maker {
            "" if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::Tuned(name)
            }
            "" => Self::of_name(name),
            "google" | "models" => Self::Gemini(name),
            "anthropic" => Self::Claude(name),
            "mistralai" => Self::Mistral(name),
            maker => Self::Shared(maker, name),
        }
    }

    fn of_name(name: &'a str) -> Self {
        if name.starts_with("claude-") {
            return Self::Claude(name);
        }
        if MISTRALS.iter().any(|begins| name.starts_with(begins)) {
            return Self::Mistral(name);
        }
        let maker = MAKERS.iter().find(|(begins, _)| name.starts_with(begins));
        maker.map_or(Self::Gemini(name), |(_, maker)| Self::Shared(maker, name))
    }
}

/// Whether a name is one that only Vertex AI has. A bare name of another maker's is not: its own API
/// has it too, and a target that is meant by it lists it.
pub(crate) fn is_own(model: &str) -> bool {
    let bare = model.strip_prefix("publishers/google/models/");
    let bare = bare.or_else(|| model.strip_prefix("models/")).unwrap_or(model);
    GOOGLES.iter().any(|begins| bare.starts_with(begins))
        || model.starts_with("publishers/")
        || model.starts_with("endpoints/")
        || model.starts_with("claude-") && model.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_in_which_wire_a_model_is_asked() {
        for (model, family) in [
            ("gemini-2.5-pro", Family::Gemini("gemini-2.5-pro")),
            ("google/gemini-2.5-pro", Family::Gemini("gemini-2.5-pro")),
            ("publishers/google/models/gemini-2.5-pro", Family::Gemini("gemini-2.5-pro")),
            ("models/gemini-2.5-pro", Family::Gemini("gemini-2.5-pro")),
            ("endpoints/123", Family::Tuned("123")),
            ("4567", Family::Tuned("4567")),
            ("claude-sonnet-4@20250514", Family::Claude("claude-sonnet-4@20250514")),
            ("publishers/anthropic/models/claude-x", Family::Claude("claude-x")),
            ("mistral-large-2411", Family::Mistral("mistral-large-2411")),
            ("mistralai/codestral-2", Family::Mistral("codestral-2")),
            ("codestral@2405", Family::Mistral("codestral@2405")),
            ("magistral-medium-2509", Family::Mistral("magistral-medium-2509")),
            (
                "meta/llama-3.3-70b-instruct-maas",
                Family::Shared("meta", "llama-3.3-70b-instruct-maas"),
            ),
            ("deepseek-v3.1-maas", Family::Shared("deepseek-ai", "deepseek-v3.1-maas")),
            ("publishers/qwen/models/qwen3-235b", Family::Shared("qwen", "qwen3-235b")),
            ("llama-4-maas", Family::Shared("meta", "llama-4-maas")),
            ("gpt-oss-120b-maas", Family::Shared("openai", "gpt-oss-120b-maas")),
        ] {
            assert_eq!(Family::of(model), family, "{model}");
        }
    }

    #[test]
    fn a_name_tells_whose_a_model_is() {
        for own in [
            "gemini-2.5-pro",
            "publishers/google/models/imagen-4",
            "textembedding-gecko@003",
            "endpoints/1",
            "claude-sonnet-4@20250514",
        ] {
            assert!(is_own(own), "{own}");
        }
        for other in ["claude-sonnet-4", "mistral-large-2411", "meta/llama-3", "gpt-4o"] {
            assert!(!is_own(other), "{other}");
        }
    }
}
