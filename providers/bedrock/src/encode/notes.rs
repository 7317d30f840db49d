//! What comes up while a request is put into words: what is unsaid, what has to be fetched.

use ferro_core::{Need, Unsaid, chat::ChatRequest};

/// The fields that have a word of their own here; others are unsaid.
const SAID: &[&str] = &[
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "cache_control",
    "function_call",
    "functions",
    "guardrailConfig",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "model",
    "n",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
    "response_format",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
];

/// What comes up on the way.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) unsaid: Vec<Unsaid>,
    pub(crate) needs: Vec<Need>,
    /// Whether media that are not here yet are only noted.
    pub(crate) is_rehearsal: bool,
    /// Fields that were understood although they are not always.
    heard: Vec<&'static str>,
    /// Cache points so far.
    cache_points: usize,
}

impl Notes {
    /// The notes of a request that is not sent: to learn what it needs, or what stays unsaid.
    pub(crate) fn rehearsal() -> Self {
        Self { is_rehearsal: true, ..Self::default() }
    }

    pub(crate) fn unsaid(&mut self, field: impl Into<String>) {
        self.unsaid.push(Unsaid(field.into().into()));
    }

    /// Says that a field was dealt with: it was said, or is listed already.
    pub(crate) fn heard(&mut self, field: &'static str) {
        self.heard.push(field);
    }

    /// Whether there may be one more cache point.
    pub(crate) fn takes_cache_point(&mut self) -> bool {
        const MOST: usize = 4;
        self.cache_points += 1;
        self.cache_points <= MOST
    }

    /// The members of something that nobody here knows.
    pub(crate) fn rest<T: std::ops::Deref<Target = str>, V>(
        &mut self,
        place: impl Fn() -> String,
        rest: &[(T, V)],
    ) {
        for (name, _) in rest {
            self.unsaid(format!("{}.{}", place(), &**name));
        }
    }

    /// The request's own fields that nobody here knows.
    pub(crate) fn strangers(&mut self, request: &ChatRequest) {
        for name in request.doc().keys() {
            let name = String::from_utf8_lossy(&name);
            let is_known = SAID.contains(&&*name) || self.heard.contains(&&*name);
            let is_listed = self.unsaid.iter().any(|unsaid| unsaid.0 == *name);
            if !is_known && !is_listed && !request.asks_for_nothing(&name) {
                self.unsaid(name.into_owned());
            }
        }
    }
}
