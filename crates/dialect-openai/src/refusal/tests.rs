//! Every envelope in use, and what the words in it mean.

use super::*;

fn refused(status: u16, body: &str) -> ProviderError {
    let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
    read(&head, Bytes::copy_from_slice(body.as_bytes()), &[])
}

#[test]
fn words_are_found_in_every_envelope() {
    for body in [
        r#"{"error":{"message":"no","type":"t","param":null,"code":"c"}}"#,
        r#"{"error":{"code":"DeploymentNotFound","message":"no"}}"#,
        r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#,
        r#"{"error":{"object":"error","type":"t","message":"no"}}"#,
        r#"{"type":"error","error":{"type":"t","message":"no"},"request_id":"r"}"#,
        r#"{"error":"no"}"#,
        r#"{"error":{"error":"no"}}"#,
        r#"{"error":{"message":""},"message":"no"}"#,
        r#"{"code":"c","error":"no"}"#,
        r#"{"message":"no","type":"t","param":"p","code":"c"}"#,
        r#"{"code":"c","message":"no","request_id":"r"}"#,
        r#"{"message":"no"}"#,
        r#"{"error_code":"X","message":"no"}"#,
        r#"{"object":"error","message":"no","code":404}"#,
        r#"{"detail":"no"}"#,
        r#"{"detail":{"error":"no"}}"#,
        r#"{"detail":[{"msg":"no"}]}"#,
        r#"{"success":false,"errors":[{"code":1,"message":"no"}]}"#,
        r#"[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]"#,
        r#"{"base_resp":{"status_code":1004,"status_msg":"no"}}"#,
        "no\n",
    ] {
        assert_eq!(refused(418, body).message(), Some("no"), "{body}");
    }
}

#[test]
fn a_validators_complaint_says_where() {
    let check = r#"[{"type":"extra_forbidden","loc":["body","store"],"msg":"Extra inputs are not permitted"}]"#;
    for body in [
        format!(r#"{{"detail":{check}}}"#),
        format!(r#"{{"object":"error","message":{{"detail":{check}}},"code":null}}"#),
        format!(r#"{{"object":"Error","message":{check},"code":3001}}"#),
    ] {
        let error = refused(422, &body);
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.message(), Some("Extra inputs are not permitted (body.store)"), "{body}");
    }
}

#[test]
fn words_may_begin_with_a_status_in_brackets() {
    for said in ["<400> no", "<503>"] {
        assert_eq!(refused(400, said).message(), Some(said));
        assert_eq!(refused(400, &format!(r#"{{"message":"{said}"}}"#)).message(), Some(said));
    }
}

#[test]
fn a_page_for_a_browser_is_not_shown() {
    for body in ["<html><body>401</body></html>", "  <!DOCTYPE html>", "{\"error\":", ""] {
        assert_eq!(refused(401, body).message(), None, "{body}");
    }
}

#[test]
fn long_words_are_cut_between_characters() {
    let error = refused(400, &format!(r#"{{"message":"{}"}}"#, "é".repeat(5000)));
    assert_eq!(error.message().unwrap().chars().count(), 2048);
    assert!(error.message().unwrap().chars().all(|c| c == 'é'));
    let error = refused(400, &format!(r#"{{"message":"no","code":"{}"}}"#, "c".repeat(5000)));
    assert_eq!(error.code().unwrap().len(), 2048);
}

use ErrorKind as K;

/// A status, a body, and what they mean.
const MEANINGS: &[(u16, &str, ErrorKind)] = &[
    (400, r#"{"error":{"message":"This model's maximum context length is 8"}}"#, K::ContextLength),
    (400, r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#, K::ContextLength),
    (
        400,
        r#"{"message":"Prompt contains 9 tokens, too large for model with 8"}"#,
        K::ContextLength,
    ),
    (
        400,
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"message\":\"This model's maximum context length is 8\"}"}}}"#,
        K::ContextLength,
    ),
    (
        422,
        r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000"}"#,
        K::ContextLength,
    ),
    (
        403,
        r#"{"error":{"message":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097."}}"#,
        K::ContextLength,
    ),
    (
        400,
        r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192"}}"#,
        K::ContextLength,
    ),
    (
        400,
        r#"{"error":{"code":"invalid_parameter_error","message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]"}}"#,
        K::ContextLength,
    ),
    (
        400,
        r#"{"code":"x","error":"This model's maximum prompt length is 131072 but the request contains 136973 tokens."}"#,
        K::ContextLength,
    ),
    (413, "<html>", K::ContextLength),
    (413, r#"{"error":{"message":"TPM","code":"rate_limit_exceeded"}}"#, K::RateLimited),
    (429, r#"{"error":{"code":"insufficient_quota"}}"#, K::Quota),
    (429, r#"{"error":{"type":"exceeded_current_quota_error"}}"#, K::Quota),
    (400, r#"{"error":{"message":"Your credit balance is too low"}}"#, K::Quota),
    (400, r#"{"code":"Arrearage","message":"x"}"#, K::Quota),
    (402, r#"{"error":{"message":"Insufficient Balance"}}"#, K::Quota),
    (403, r#"{"code":"x","error":"Your team has used all available credits"}"#, K::Quota),
    (400, r#"{"error":{"code":"content_filter"}}"#, K::ContentPolicy),
    (
        400,
        r#"{"error":{"code":"c","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        K::ContentPolicy,
    ),
    (400, r#"{"code":"data_inspection_failed","message":"x"}"#, K::ContentPolicy),
    (
        403,
        r#"{"error":{"code":403,"message":"requires moderation; your input was flagged"}}"#,
        K::ContentPolicy,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        K::Unauthorized,
    ),
    (
        400,
        r#"{"code":"invalid argument","error":"Incorrect API key provided: sk"}"#,
        K::Unauthorized,
    ),
    (401, "<html>401</html>", K::Unauthorized),
    (403, "", K::Unauthorized),
    (400, r#"{"error":{"code":"model_decommissioned"}}"#, K::NotFound),
    (400, r#"{"error":{"message":"x is not a valid model ID","code":400}}"#, K::NotFound),
    (400, r#"{"error":{"message":"Model Not Exist"}}"#, K::NotFound),
    (400, r#"{"message":"Invalid model: x","type":"invalid_model","code":"1500"}"#, K::NotFound),
    (404, r#"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, K::NotFound),
    (429, r#"{"error":{"type":"engine_overloaded_error"}}"#, K::RateLimited),
    (498, r#"{"error":{"message":"flex capacity"}}"#, K::RateLimited),
    (429, r#"{"type":"service_tier_capacity_exceeded","message":"x"}"#, K::RateLimited),
    (400, r#"{"code":"Throttling.RateQuota","message":"x"}"#, K::RateLimited),
    (503, r#"{"error":"Model x is currently loading","estimated_time":20.0}"#, K::Overloaded),
    (400, r#"{"error":"Model x is currently loading"}"#, K::Overloaded),
    (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#, K::Overloaded),
    (500, r#"{"error":{"type":"engine_overloaded_error"}}"#, K::Overloaded),
    (400, r#"{"error":{"message":"bad temperature"}}"#, K::Invalid),
    (500, "<html>oops</html>", K::Unavailable),
    (302, "", K::Unavailable),
];

#[test]
fn the_words_say_more_than_the_status() {
    for (status, body, kind) in MEANINGS {
        assert_eq!(refused(*status, body).kind(), *kind, "{status} {body}");
    }
}

#[test]
fn a_vendors_own_codes_come_first() {
    let head = http::Response::builder().status(400).body(()).unwrap().into_parts().0;
    let body = Bytes::from_static(br#"{"error":{"code":"1301","message":"no"}}"#);
    let codes: Codes = &[("1301", ErrorKind::ContentPolicy)];
    assert_eq!(read(&head, body.clone(), codes).kind(), ErrorKind::ContentPolicy);
    assert_eq!(read(&head, body, &[]).kind(), ErrorKind::Invalid);
}

#[test]
fn advice_in_the_body_counts_where_no_header_gives_any() {
    let google = r#"{"error":{"code":429,"message":"x","details":[{"@type":"RetryInfo","retryDelay":"3.5s"}]}}"#;
    assert_eq!(refused(429, google).retry_after(), Some(Duration::from_millis(3500)));
    let loading = r#"{"error":"Model x is currently loading","estimated_time":20.0}"#;
    assert_eq!(refused(503, loading).retry_after(), Some(Duration::from_secs(20)));
    let gateway = r#"{"error":{"code":429,"message":"x","metadata":{"headers":{"X-RateLimit-Remaining":"0","X-RateLimit-Reset":"7"}}}}"#;
    assert_eq!(refused(429, gateway).retry_after(), Some(Duration::from_secs(7)));
    let head = http::Response::builder().status(429).header("retry-after", "2").body(()).unwrap();
    let error = read(&head.into_parts().0, Bytes::from_static(google.as_bytes()), &[]);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}

#[test]
fn an_error_inside_a_success_is_read_by_its_own_status() {
    let kind = |body: &'static str| in_band(Bytes::from_static(body.as_bytes()), &[]).kind();
    assert_eq!(kind(r#"{"error":{"code":429,"message":"x"}}"#), ErrorKind::RateLimited);
    assert_eq!(kind(r#"{"error":{"code":"rate_limit_exceeded"}}"#), ErrorKind::RateLimited);
    assert_eq!(kind(r#"{"error":{"type":"invalid_request_error"}}"#), ErrorKind::Invalid);
    assert_eq!(kind(r#"{"error":{"message":"boom"}}"#), ErrorKind::Unavailable);
    assert_eq!(kind(r#"{"error":{"code":1000,"message":"x"}}"#), ErrorKind::Unavailable);
}
