//! What becomes of a signature where this machine's clock is not AWS's.

use ferro_core::ErrorKind;
use ferro_testkit::Answer;
use serde_json::json;

use crate::asked;

/// A refusal of a signature, at this time by AWS's clock.
fn refusal(date: &str) -> Answer {
    Answer::new(403)
        .with_header("x-amzn-errortype", "InvalidSignatureException")
        .with_header("date", date)
        .with_body(r#"{"message":"Signature expired: it is now earlier"}"#)
}

#[tokio::test]
async fn a_signature_of_the_wrong_time_is_made_again_at_the_right_one() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let body =
        json!({"model": "amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": "hi"}]});
    // It is 12:34:56 here.
    for (there, corrected) in [
        ("Sun, 29 Nov 2026 12:44:56 GMT", "20261129T124456Z"),
        ("Sun, 29 Nov 2026 11:34:56 GMT", "20261129T113456Z"),
    ] {
        let asker = asked::asker(&keys, json!({})).await;
        let (sent, heard) = asked::ask(&asker, &body, refusal(there)).await;
        assert_eq!(sent.unwrap().headers["x-amz-date"], "20261129T123456Z");
        assert_eq!(heard.error.unwrap().kind(), ErrorKind::Unavailable, "{there}");
        let (sent, heard) = asked::ask(&asker, &body, refusal(there)).await;
        assert_eq!(sent.unwrap().headers["x-amz-date"], corrected);
        assert_eq!(heard.error.unwrap().kind(), ErrorKind::Unauthorized, "it is not the time");
    }
}

#[tokio::test]
async fn a_signature_of_the_right_time_is_the_keys_fault() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let body =
        json!({"model": "amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": "hi"}]});
    for date in ["Sun, 29 Nov 2026 12:38:00 GMT", "Sun, 29 Nov 2026 12:32:00 GMT", "no time"] {
        let asker = asked::asker(&keys, json!({})).await;
        for _ in 0..2 {
            let (sent, heard) = asked::ask(&asker, &body, refusal(date)).await;
            assert_eq!(sent.unwrap().headers["x-amz-date"], "20261129T123456Z");
            assert_eq!(heard.error.unwrap().kind(), ErrorKind::Unauthorized);
        }
    }
}
