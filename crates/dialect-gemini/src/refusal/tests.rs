//! What the vendor's errors mean.

use super::*;

fn refused(status: u16, body: &str) -> ProviderError {
    let head = http::Response::builder().status(status).body(()).unwrap().into_parts().0;
    read(&head, Bytes::copy_from_slice(body.as_bytes()))
}

fn error(code: u16, status: &str, message: &str, details: &str) -> String {
    format!(
        r#"{{"error":{{"code":{code},"message":"{message}","status":"{status}","details":[{details}]}}}}"#
    )
}

#[test]
fn a_wrong_key_is_no_wrong_request() {
    let reason =
        r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}"#;
    let error = refused(400, &error(400, "INVALID_ARGUMENT", "That key opens nothing.", reason));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, Some("API_KEY_INVALID")));
    let expired =
        refused(400, &self::error(400, "INVALID_ARGUMENT", "API key expired. Renew it.", ""));
    assert_eq!(expired.kind(), ErrorKind::Unauthorized);
    let reason = r#"{"reason":"API_KEY_SERVICE_BLOCKED"}"#;
    assert_eq!(
        refused(403, &self::error(403, "PERMISSION_DENIED", "x", reason)).kind(),
        ErrorKind::Unauthorized
    );
}

#[test]
fn a_wait_is_read_from_the_details_alone_or_in_a_list() {
    let details = r#"{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"x"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}"#;
    let body = error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details);
    for body in [body.clone(), format!("[{body}]")] {
        let error = refused(429, &body);
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::RateLimited, Some("RESOURCE_EXHAUSTED"))
        );
        assert_eq!(error.retry_after(), Some(Duration::from_millis(34_500)));
        assert_eq!(error.message(), Some("You exceeded your current quota."));
    }
}

#[test]
fn a_prompt_that_is_too_long_is_known_by_its_words() {
    let told =
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
    let error = refused(400, &error(400, "INVALID_ARGUMENT", told, ""));
    assert_eq!(error.kind(), ErrorKind::ContextLength);
}

#[test]
fn a_quota_of_tokens_is_no_prompt_that_is_too_long() {
    let told =
        "Quota exceeded: the input token count exceeds the maximum number of tokens allowed.";
    let error = refused(429, &error(429, "RESOURCE_EXHAUSTED", told, ""));
    assert_eq!(error.kind(), ErrorKind::RateLimited);
}

#[test]
fn an_error_that_a_proxy_wrote_is_read_as_far_as_it_can_be() {
    for body in [
        r#"{"error":{"code":"429","message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":"none"}}"#,
        r#"{"error":{"code":429.0,"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":{}}}"#,
        r#"{"error":{"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":[7,{"reason":5}]}}"#,
    ] {
        let told = in_band(body.as_bytes()).unwrap();
        assert_eq!((told.kind(), told.message()), (ErrorKind::RateLimited, Some("Slow down.")));
    }
    let named = in_band(br#"{"error":{"code":"invalid_api_key","message":"No."}}"#).unwrap();
    assert_eq!((named.kind(), named.message()), (ErrorKind::Unavailable, Some("No.")));
}

#[test]
fn a_status_says_what_the_code_does_not() {
    for (code, status, kind) in [
        (503, "UNAVAILABLE", ErrorKind::Overloaded),
        (400, "FAILED_PRECONDITION", ErrorKind::Unauthorized),
        (404, "NOT_FOUND", ErrorKind::NotFound),
        (504, "DEADLINE_EXCEEDED", ErrorKind::Timeout),
        (500, "INTERNAL", ErrorKind::Unavailable),
        (400, "INVALID_ARGUMENT", ErrorKind::Invalid),
    ] {
        assert_eq!(refused(code, &error(code, status, "m", "")).kind(), kind, "{status}");
        let in_band = in_band(error(code, status, "m", "").as_bytes()).unwrap();
        assert_eq!(in_band.kind(), kind, "{status}");
    }
    let uncoded = in_band(br#"{"error":{"message":"m","status":"UNAVAILABLE"}}"#).unwrap();
    assert_eq!(uncoded.kind(), ErrorKind::Overloaded);
    let unsaid = in_band(br#"{"error":{"message":"m","status":"INVALID_ARGUMENT"}}"#).unwrap();
    assert_eq!(unsaid.kind(), ErrorKind::Invalid);
}

#[test]
fn what_is_no_envelope_is_no_error_in_a_reply_and_words_in_a_refusal() {
    assert!(
        in_band(b"{}").is_none()
            && in_band(b"[]").is_none()
            && in_band(b"{\"error\":null}").is_none()
    );
    assert_eq!(in_band(br#"{"error":"No."}"#).unwrap().message(), Some("No."));
    assert_eq!(refused(502, "upstream is away").message(), Some("upstream is away"));
    assert_eq!(refused(502, "<html>").message(), None);
}
