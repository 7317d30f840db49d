//! The wire's values, as OpenAI's chat API names them.

use serde::{Serialize, Serializer};

/// A whole reply, or one chunk of a streamed one.
#[derive(Serialize)]
pub(crate) struct Envelope<'a, Choice> {
    pub(crate) id: &'static str,
    pub(crate) object: &'static str,
    pub(crate) created: u64,
    pub(crate) model: &'a str,
    pub(crate) choices: &'a [Choice],
    #[serde(skip_serializing_if = "Bill::is_unmentioned")]
    pub(crate) usage: Bill,
    pub(crate) service_tier: &'static str,
    pub(crate) system_fingerprint: &'static str,
}

#[derive(Serialize)]
pub(crate) struct WholeChoice<'a> {
    pub(crate) index: usize,
    pub(crate) message: Message<'a>,
    pub(crate) logprobs: Option<Logprobs<'a>>,
    pub(crate) finish_reason: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: Option<String>,
    pub(crate) refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<Call<'a>>,
    pub(crate) annotations: [(); 0],
}

#[derive(Serialize)]
pub(crate) struct ChunkChoice<'a> {
    pub(crate) index: usize,
    pub(crate) delta: Delta<'a>,
    pub(crate) logprobs: Option<Logprobs<'a>>,
    pub(crate) finish_reason: Option<&'static str>,
}

/// What a chunk adds.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_calls: Option<[Call<'a>; 1]>,
}

/// A call of a tool, whole or the next piece of it.
#[derive(Clone, Serialize)]
pub(crate) struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    pub(crate) function: Function<'a>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    pub(crate) arguments: String,
}

#[derive(Serialize)]
pub(crate) struct Logprobs<'a> {
    pub(crate) content: Vec<TokenLogprob<'a>>,
    pub(crate) refusal: Option<()>,
}

#[derive(Serialize)]
pub(crate) struct TokenLogprob<'a> {
    pub(crate) token: &'a str,
    pub(crate) logprob: f64,
    pub(crate) bytes: &'a [u8],
    pub(crate) top_logprobs: [Logprob<'a>; 1],
}

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Logprob<'a> {
    pub(crate) token: &'a str,
    pub(crate) logprob: f64,
    pub(crate) bytes: &'a [u8],
}

/// What a reply says about its usage.
#[derive(Clone, Copy)]
pub(crate) enum Bill {
    /// Nothing: nobody asked.
    Unmentioned,
    /// That it will come.
    Later,
    /// All of it.
    Given(Usage),
}

impl Bill {
    fn is_unmentioned(&self) -> bool {
        matches!(self, Self::Unmentioned)
    }
}

impl Serialize for Bill {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unmentioned | Self::Later => serializer.serialize_none(),
            Self::Given(usage) => usage.serialize(serializer),
        }
    }
}

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Usage {
    prompt_tokens: usize,
    completion_tokens: usize,
    total_tokens: usize,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Clone, Copy, Serialize)]
struct PromptDetails {
    cached_tokens: usize,
    audio_tokens: usize,
}

#[derive(Clone, Copy, Serialize)]
struct CompletionDetails {
    reasoning_tokens: usize,
    audio_tokens: usize,
    accepted_prediction_tokens: usize,
    rejected_prediction_tokens: usize,
}

impl Usage {
    /// The bill for a prompt of nine tokens, four of them cached.
    pub(crate) fn of(completion_tokens: usize, reasoning_tokens: usize) -> Self {
        Self {
            prompt_tokens: 9,
            completion_tokens,
            total_tokens: 9 + completion_tokens,
            prompt_tokens_details: PromptDetails { cached_tokens: 4, audio_tokens: 0 },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens,
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        }
    }
}
