//! What the vendor sends: a reply, or a piece of one, read in one pass and borrowed.

use ferro_core::chat::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A reply, or a piece of one. Everything may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow)]
    pub(super) prompt_feedback: Option<Feedback<'a>>,
    #[serde(borrow)]
    pub(super) usage_metadata: Option<Counts<'a>>,
    #[serde(borrow)]
    pub(super) model_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) response_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// Why a prompt was not answered.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback<'a> {
    #[serde(borrow)]
    pub(super) block_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) block_reason_message: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u32>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) finish_message: Option<Text<'a>>,
    /// A [`Grounding`].
    #[serde(borrow)]
    pub(super) grounding_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) url_context_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citation_metadata: Option<Citations<'a>>,
    #[serde(borrow)]
    pub(super) logprobs_result: Option<Likely<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) parts: Option<Vec<Part<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    pub(super) thought: Option<bool>,
    #[serde(borrow)]
    pub(super) thought_signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function_call: Option<FunctionCall<'a>>,
    #[serde(borrow)]
    pub(super) inline_data: Option<Blob<'a>>,
    #[serde(borrow)]
    pub(super) executable_code: Option<Code<'a>>,
    #[serde(borrow)]
    pub(super) code_execution_result: Option<CodeResult<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionCall<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    #[serde(borrow)]
    pub(super) mime_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<Text<'a>>,
}

/// A program that the model wrote and the vendor ran.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Code<'a> {
    #[serde(borrow)]
    pub(super) language: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) code: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct CodeResult<'a> {
    #[serde(borrow)]
    pub(super) output: Option<Text<'a>>,
}

/// What an answer rests on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grounding<'a> {
    #[serde(borrow)]
    pub(super) grounding_chunks: Option<Vec<Chunk<'a>>>,
    pub(super) grounding_supports: Option<Vec<Support>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) web: Option<Source<'a>>,
    #[serde(borrow)]
    pub(super) retrieved_context: Option<Source<'a>>,
    #[serde(borrow)]
    pub(super) maps: Option<Source<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Source<'a> {
    #[serde(borrow)]
    pub(super) uri: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Support {
    pub(super) segment: Option<Segment>,
    pub(super) grounding_chunk_indices: Option<Vec<usize>>,
}

/// A piece of the answer, by bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    pub(super) start_index: Option<usize>,
    pub(super) end_index: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Citations<'a> {
    /// AI Studio's name for the list.
    #[serde(borrow)]
    pub(super) citation_sources: Option<Vec<Citation<'a>>>,
    /// Vertex's.
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Citation<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Citation<'a> {
    pub(super) start_index: Option<usize>,
    pub(super) end_index: Option<usize>,
    #[serde(borrow)]
    pub(super) uri: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
}

/// How likely the words were.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Likely<'a> {
    #[serde(borrow)]
    pub(super) chosen_candidates: Option<Vec<Token<'a>>>,
    #[serde(borrow)]
    pub(super) top_candidates: Option<Vec<Tokens<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Tokens<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Token<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token<'a> {
    #[serde(borrow)]
    pub(super) token: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) log_probability: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts<'a> {
    pub(super) prompt_token_count: Option<u64>,
    pub(super) candidates_token_count: Option<u64>,
    pub(super) thoughts_token_count: Option<u64>,
    pub(super) cached_content_token_count: Option<u64>,
    pub(super) tool_use_prompt_token_count: Option<u64>,
    /// These are lists of [`Modality`].
    #[serde(borrow)]
    pub(super) prompt_tokens_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_use_prompt_tokens_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) candidates_tokens_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) cache_tokens_details: Option<&'a RawValue>,
    /// As Vertex AI has it.
    #[serde(borrow)]
    pub(super) traffic_type: Option<Text<'a>>,
    /// As the Gemini API has it.
    #[serde(borrow)]
    pub(super) service_tier: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Modality<'a> {
    #[serde(borrow)]
    pub(super) modality: Option<Text<'a>>,
    pub(super) token_count: Option<u64>,
}
