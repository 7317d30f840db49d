//! What an error means: the status says it roughly, the words say it better.

use ferro_core::ErrorKind as Kind;
use http::StatusCode;

use super::{Codes, words::Words};

/// The words mean `kind`, where the status alone suggests one of `instead_of`.
struct Rule {
    kind: Kind,
    instead_of: &'static [Kind],
    codes: &'static [&'static str],
    phrases: &'static [&'static str],
}

/// In order: the first that fits counts.
const RULES: &[Rule] = &[
    Rule {
        kind: Kind::Quota,
        instead_of: &[Kind::Invalid, Kind::Unauthorized, Kind::RateLimited, Kind::Unavailable],
        codes: &[
            "insufficient_quota",
            "exceeded_current_quota_error",
            "billing_hard_limit_reached",
            "insufficient_balance",
            "insufficient_user_quota",
            "Arrearage",
        ],
        phrases: &[
            "credit balance",
            "insufficient balance",
            "insufficient credits",
            "used all available credits",
        ],
    },
    Rule {
        kind: Kind::RateLimited,
        instead_of: &[Kind::Invalid, Kind::Unauthorized, Kind::Unavailable],
        codes: &[
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate_limit_reached_error",
            "service_tier_capacity_exceeded",
            "too_many_requests",
            "RESOURCE_EXHAUSTED",
            "Throttling*",
        ],
        phrases: &[],
    },
    Rule {
        kind: Kind::ContentPolicy,
        instead_of: &[Kind::Invalid, Kind::Unauthorized, Kind::Unavailable],
        codes: &[
            "content_filter",
            "content_policy_violation",
            "ResponsibleAIPolicyViolation",
            "data_inspection_failed",
            "DataInspectionFailed",
        ],
        phrases: &["your input was flagged"],
    },
    Rule {
        kind: Kind::ContextLength,
        // A 403 as well: one vendor forbids what is too long.
        instead_of: &[Kind::Invalid, Kind::Unauthorized],
        codes: &["context_length_exceeded"],
        phrases: &[
            "maximum context length",
            "prompt is too long",
            "input is too long",
            "too large for model",
            "too many tokens",
            "exceeds the maximum number of tokens",
            "exceeds the context window",
            "exceed context size",
            "reduce the length of the messages",
            "`inputs` tokens + `max_new_tokens` must be <=",
            "exceeded model token limit",
            "range of input length should be",
            "maximum prompt length is",
        ],
    },
    Rule {
        kind: Kind::Unauthorized,
        instead_of: &[Kind::Invalid],
        codes: &["API_KEY_INVALID", "invalid_api_key", "InvalidApiKey", "authentication_error"],
        phrases: &["incorrect api key", "invalid api key", "api key not valid"],
    },
    Rule {
        kind: Kind::NotFound,
        instead_of: &[Kind::Invalid, Kind::Unauthorized],
        codes: &[
            "model_not_found",
            "model_decommissioned",
            "model_not_available",
            "invalid_model",
            "ModelNotFound",
            "DeploymentNotFound",
        ],
        phrases: &["not a valid model id", "model identifier is invalid", "model not exist"],
    },
    Rule {
        kind: Kind::Overloaded,
        instead_of: &[Kind::Invalid, Kind::Unavailable],
        codes: &["overloaded_error", "engine_overloaded_error", "UNAVAILABLE"],
        phrases: &["currently loading", "currently overloaded"],
    },
];

/// What the words mean, `by_status` unless they say more.
pub(super) fn find(
    words: &Words,
    by_status: Kind,
    status: Option<StatusCode>,
    codes: Codes,
) -> Kind {
    if let Some((_, kind)) = codes.iter().find(|(code, _)| words.is(&[code])) {
        return *kind;
    }
    let rule = RULES.iter().find(|rule| {
        rule.instead_of.contains(&by_status) && (words.is(rule.codes) || words.say(rule.phrases))
    });
    match rule {
        Some(rule) => rule.kind,
        None if status == Some(StatusCode::PAYLOAD_TOO_LARGE) => Kind::ContextLength,
        None => by_status,
    }
}
