//! In what vendors that speak this wire differ.

use ferro_core::chat::CallIds;

/// The `format` of a thought that was a plan for calling tools.
pub const FORMAT_PLAN: &str = "cohere-plan-v1";
/// The `format` of any other thought.
pub const FORMAT_THINKING: &str = "cohere-thinking-v1";

/// In what vendors that speak this wire differ.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Whether the body names the model; where it does not, the path does.
    pub names_model: bool,
    /// Whether the body says that a stream is wanted; where it does not, the path does.
    pub says_stream: bool,
    /// How many tokens may be thought for each word of `reasoning_effort`.
    pub budgets: Budgets,
    /// Which names of tool calls it takes.
    pub call_ids: CallIds,
}

/// How many tokens may be thought.
#[derive(Clone, Copy, Debug)]
pub struct Budgets {
    /// For `minimal` and `low`.
    pub low: u32,
    /// For `medium`.
    pub medium: u32,
    /// For `high`.
    pub high: u32,
    /// For `xhigh`.
    pub xhigh: u32,
    /// For `max`.
    pub max: u32,
}

impl Profile {
    /// Cohere itself.
    pub const COHERE: Self = Self {
        names_model: true,
        says_stream: true,
        budgets: Budgets { low: 1024, medium: 2048, high: 4096, xhigh: 8192, max: 16384 },
        // A citation names a piece of a tool's result as `<call>:<number>`, so a colon inside a name
        // would leave it open where the name ends.
        call_ids: CallIds {
            shortest: 1,
            longest: 256,
            takes: |b| b.is_ascii_graphic() && b != b':',
        },
    };
}
