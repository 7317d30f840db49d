//! What is an error in a reply whose status says that it is none.

use super::*;

#[test]
fn half_an_event_is_not_shown() {
    let mut frame = Frame::default();
    let tail = Bytes::from_static(b"data: {\"choices\":[{\"delta\":{\"con");
    let error = strict().end(tail, &mut frame).unwrap_err();
    assert_eq!((error.kind(), frame), (ErrorKind::Interrupted, Frame::default()));
}

#[test]
fn an_error_among_events_ends_the_stream_after_what_came_before_it() {
    let said = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    for (event, kind, words) in [
        (
            r#"{"error":{"message":"boom","type":"server_error","code":500}}"#,
            ErrorKind::Unavailable,
            "boom",
        ),
        (
            r#"{"choices":[{"delta":{},"finish_reason":"error","error":{"code":429,"message":"slow down"}}]}"#,
            ErrorKind::RateLimited,
            "slow down",
        ),
        (
            r#"{"choices":[{"delta":{},"finish_reason":"insufficient_system_resource"}]}"#,
            ErrorKind::Overloaded,
            "the upstream stopped in the middle of its reply because of an error",
        ),
        (
            r#"{"code":"Throttling.User","message":"too fast","request_id":"r"}"#,
            ErrorKind::RateLimited,
            "too fast",
        ),
        (r#"[{"error":{"code":429,"message":"no more"}}]"#, ErrorKind::RateLimited, "no more"),
    ] {
        let text = format!("{said}data: {event}\n\n");
        let (frame, result) = read(&mut strict(), &text);
        assert_eq!(frame.bytes, said.as_bytes(), "{event}");
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.message()), (kind, Some(words)), "{event}");
    }
}

#[test]
fn a_success_that_holds_an_error_is_an_error() {
    for (body, kind) in [
        (r#"{"error":{"message":"no","code":429}}"#, ErrorKind::RateLimited),
        (r#"{"error":"no"}"#, ErrorKind::Unavailable),
        (r#"{"choices":[],"error":{"message":"no","code":402}}"#, ErrorKind::Quota),
        (r#"{"detail":"no"}"#, ErrorKind::Unavailable),
        (
            r#"{"choices":[{"message":{},"finish_reason":"error","error":{"message":"no","code":502}}]}"#,
            ErrorKind::Unavailable,
        ),
    ] {
        let error = whole(body).unwrap_err();
        assert_eq!((error.kind(), error.message()), (kind, Some("no")), "{body}");
    }
    let array = whole(r#"[{"error":{"message":"no","code":429}}]"#).unwrap_err();
    assert_eq!((array.kind(), array.message()), (ErrorKind::RateLimited, Some("no")));
}

#[test]
fn what_is_not_one_whole_reply_is_malformed() {
    for body in [
        r#"{"id":"x"}"#,
        r#"{"id":"x"}}"#,
        r#"{"choices":null}"#,
        r#"{"choices":7}"#,
        r#"{"choices":[7]}"#,
        r#"{"choices":[]}}"#,
        r#"{"choices":[]}{"choices":[]}"#,
        r#"{"choices":[{"message":{"content":"a"}}"#,
        r#"{"choices":[],}"#,
        r#"[{"choices":[]}]"#,
        r#""choices""#,
        "<html>",
        "{",
        "",
    ] {
        assert_eq!(whole(body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}

#[test]
fn a_reply_that_only_mentions_an_error_is_a_reply() {
    for body in [
        r#"{"choices":[],"error":null}"#,
        r#"{"choices":[],"error":""}"#,
        r#"{"choices":[],"error":{}}"#,
        r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"error":"x"}}}]},"finish_reason":"tool_calls"}]}"#,
    ] {
        whole(body).unwrap();
    }
}

#[test]
fn an_error_in_one_piece_is_read_where_a_stream_was_asked_for() {
    let tail = Bytes::from_static(br#"{"error":{"message":"no","code":429}}"#);
    let error = strict().end(tail, &mut Frame::default()).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::RateLimited, Some("no")));
}

#[test]
fn an_error_in_one_piece_that_ends_like_an_event_is_read_too() {
    let text = "{\n  \"error\": {\"message\":\"no\",\"code\":429}\n}\n\n";
    let (frame, result) = read(&mut strict(), text);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::RateLimited, Some("no")));
    assert!(frame.bytes.is_empty());
}

#[test]
fn an_event_that_calls_itself_an_error_is_one() {
    for (data, words) in [
        ("the model fell over", "the model fell over"),
        (r#"{"message":"fell"}"#, "fell"),
        (r#"{"oops":1}"#, "the upstream stopped in the middle of its reply because of an error"),
    ] {
        let error = read(&mut strict(), &format!("event: error\ndata: {data}\n\n")).1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{data}");
        assert_eq!(error.message(), Some(words), "{data}");
    }
}

#[test]
fn an_error_before_done_is_an_error_however_both_arrive() {
    let error = "data: {\"code\":\"x\",\"message\":\"too fast\"}\n\n";
    for text in [error.to_owned(), format!("{error}data: [DONE]\n\n")] {
        let said = read(&mut strict(), &text).1.unwrap_err();
        assert_eq!(said.message(), Some("too fast"), "{text}");
    }
}

#[test]
fn an_error_behind_done_is_none_however_both_arrive() {
    let (done, error) = ("data: [DONE]\n\n", "event: error\ndata: {\"message\":\"late\"}\n\n");
    let mut decoder = strict();
    let (frame, read) = read(&mut decoder, &format!("{done}{error}"));
    assert!(read.is_ok() && decoder.is_finished(), "{read:?}");
    assert!(frame.bytes.starts_with(done.as_bytes()), "{frame:?}");
}
