//! What passes and what is found in replies of many vendors.

mod errors;

use ferro_core::Whole as _;

use super::*;
use crate::Vendor;

const STREAM: &str = concat!(
    ": hello\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"say data: [DONE]\"},\"finish_reason\":null}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
);

/// Two choices, lists where content stands, every ending of a line, and data on several lines.
const LISTS: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"}]}}]}\r\n\r\n",
    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]},\"finish_reason\":\"length\"}]}\r\r",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\ndata: []},\"finish_reason\"\ndata: :\"stop\"}]}\n\n",
    "id: 7\ndata: {\"choices\":[],\"usage\":\ndata: {\"prompt_tokens\":3}}\n\n",
    ": bye\n\n",
    "data:[DONE]\r\n\r\n",
);

fn decoder(hides_usage: bool, ends: Ends, choices: usize) -> ChatDecoder {
    let mut vendor = Vendor::OPENAI_SHAPED;
    vendor.profile.ends = ends;
    vendor.profile.contents = if choices == 2 { Contents::Parts } else { Contents::Text };
    ChatDecoder::new(&vendor, Asked { hides_usage, choices })
}

fn strict() -> ChatDecoder {
    decoder(false, Ends::WithDone, 1)
}

fn read(decoder: &mut ChatDecoder, text: &str) -> (Frame, Result<(), ProviderError>) {
    let mut frame = Frame::default();
    let read = decoder.read(Bytes::copy_from_slice(text.as_bytes()), &mut frame);
    (frame, read)
}

fn whole(body: &str) -> Result<ChatResponse, ProviderError> {
    let head = http::Response::new(()).into_parts().0;
    strict().whole(&head, Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn bytes_pass_and_facts_are_found() {
    let mut decoder = strict();
    let (frame, result) = read(&mut decoder, STREAM);
    result.unwrap();
    assert_eq!(frame.bytes, STREAM.as_bytes());
    assert_eq!(frame.usage.as_ref().unwrap().completion_tokens, 4);
    assert_eq!(frame.finish, Some(Finish::Stop));
    assert!(decoder.is_finished());
}

#[test]
fn however_events_arrive_they_mean_the_same() {
    for (stream, choices, hides_usage, ends) in [
        (STREAM, 1, false, Ends::WithDone),
        (STREAM, 1, true, Ends::WithDone),
        (STREAM, 1, true, Ends::WithChoices),
        (LISTS, 1, true, Ends::WithDone),
        (LISTS, 2, false, Ends::WithDone),
        (LISTS, 2, true, Ends::WithChoices),
    ] {
        let events: Vec<_> = sse::events(stream.as_bytes()).map(|event| event.raw).collect();
        let mut seen = Vec::new();
        // Each bit says whether the stream is cut behind that event.
        for cuts in 0..1 << (events.len() - 1) {
            let (mut decoder, mut all) = (decoder(hides_usage, ends, choices), Frame::default());
            let (mut arrived, mut said) = (Vec::new(), Vec::new());
            for (place, event) in events.iter().enumerate() {
                arrived.extend_from_slice(event);
                if cuts >> place & 1 == 1 || place + 1 == events.len() {
                    let arrived = std::mem::take(&mut arrived);
                    decoder.read(arrived.into(), &mut all).unwrap();
                    said.extend_from_slice(&std::mem::take(&mut all.bytes));
                }
            }
            seen.push((said, all.usage, all.finish, decoder.is_finished()));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{hides_usage} {ends:?}");
        let (_, usage, finish, is_finished) = &seen[0];
        assert_eq!((usage.as_ref().unwrap().prompt_tokens, *finish), (3, Some(Finish::Stop)));
        assert!(is_finished);
    }
}

#[test]
fn only_the_usage_nobody_asked_for_is_taken_out() {
    let mut decoder = decoder(true, Ends::WithDone, 1);
    let (frame, result) = read(&mut decoder, STREAM);
    result.unwrap();
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n";
    assert_eq!(frame.bytes, STREAM.replace(usage, "").as_bytes());
    assert!(frame.usage.is_some(), "hidden, not lost");
}

#[test]
fn usage_is_found_where_the_wire_has_it() {
    for event in [
        r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"prompt_tokens":3,"completion_tokens":4}},"usage":null}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":4}}]}"#,
        // A member of that name which is somebody else's counts nothing.
        r#"{"usage":{"prompt_tokens":3,"completion_tokens":4},"choices":[],"x_vendor":{"usage":{"prompt_tokens":99,"completion_tokens":99}}}"#,
        r#"{"usage":{"prompt_tokens":3,"completion_tokens":4},"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"usage":{"prompt_tokens":99}}}}]}}]}"#,
    ] {
        let (frame, result) = read(&mut strict(), &format!("data: {event}\n\n"));
        result.unwrap();
        let usage = frame.usage.unwrap_or_else(|| panic!("{event}"));
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (3, 4), "{event}");
    }
}

#[test]
fn words_of_a_model_are_never_taken_for_facts() {
    let said = r#"\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9},\"finish_reason\":\"length\",\"error\":{\"message\":\"x\"}"#;
    let chunk = format!(
        r#"{{"choices":[{{"index":0,"delta":{{"content":"{said}","tool_calls":[{{"function":{{"arguments":"{{{said}}}"}}}}]}},"finish_reason":null}}]}}"#
    );
    serde_json::from_str::<serde_json::Value>(&chunk).expect("the case itself is JSON");
    let text = format!("data: {chunk}\n\n");
    let (frame, result) = read(&mut strict(), &text);
    result.unwrap();
    assert_eq!((frame.usage, frame.finish), (None, None));
    assert_eq!(frame.bytes, text.as_bytes());
}

#[test]
fn a_member_inside_another_is_not_the_replys() {
    let message =
        r#"{"content":"Hi.","x_trace":{"finish_reason":"length","usage":{"prompt_tokens":9}}}"#;
    let body = |member: &str| {
        format!(
            r#"{{"choices":[{{"index":0,"{member}":{message},"finish_reason":"stop"}}],"metadata":{{"usage":{{"prompt_tokens":9}},"error":{{"message":"no"}}}}}}"#
        )
    };
    let reply = whole(&body("message")).unwrap();
    assert_eq!((reply.usage(), reply.finish()), (None, Some(Finish::Stop)));
    let (frame, result) = read(&mut strict(), &format!("data: {}\n\n", body("delta")));
    result.unwrap();
    assert_eq!((frame.usage, frame.finish), (None, Some(Finish::Stop)));
}

#[test]
fn data_on_several_lines_is_read_joined() {
    let text = "data: {\"choices\":[],\ndata: \"usage\"\r\ndata: : {\r\ndata: \"prompt_tokens\": 3,\ndata:\"completion_tokens\":4}}\n\n";
    let (frame, result) = read(&mut strict(), text);
    result.unwrap();
    assert_eq!(frame.bytes, text.as_bytes());
    assert_eq!(frame.usage.as_ref().unwrap().completion_tokens, 4);
    let (frame, _) = read(&mut decoder(true, Ends::WithDone, 1), text);
    assert!(frame.bytes.is_empty() && frame.usage.is_some());
}

#[test]
fn the_first_choices_reason_is_the_streams_however_the_choices_end() {
    let stops = |index: u32, why: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":\"{why}\"}}]}}\n\n"
        )
    };
    let (first, second) = (stops(0, "stop"), stops(1, "length"));
    for order in [[&first, &second], [&second, &first]] {
        let (mut apart, mut seen) = (strict(), None);
        for event in order {
            let (frame, result) = read(&mut apart, event);
            result.unwrap();
            seen = frame.finish.or(seen);
        }
        assert_eq!(seen, Some(Finish::Stop), "{order:?}");
        let (together, _) = read(&mut strict(), &order.map(String::as_str).concat());
        assert_eq!(together.finish, Some(Finish::Stop), "{order:?}");
    }
    let failed = stops(0, "error") + &stops(1, "stop") + "data: [DONE]\n\n";
    let error = read(&mut strict(), &failed).1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "a later ending hides no failure");
}

#[test]
#[expect(clippy::disallowed_types, reason = "work is measured, which no clock that is moved shows")]
fn a_text_that_says_done_a_hundred_thousand_times_is_searched_once() {
    let said = "[DONE]".repeat(100_000);
    let text = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{said}\"}}}}]}}\n\n");
    let mut decoder = strict();
    let started = std::time::Instant::now();
    let (frame, result) = read(&mut decoder, &text);
    result.unwrap();
    assert!(frame.bytes == text && !decoder.is_finished());
    // A search back to the line's start for each takes minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn content_in_parts_passes_as_it_came() {
    let text = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]}]},\"finish_reason\":null}]}\n\n";
    let (frame, result) = read(&mut decoder(true, Ends::WithChoices, 1), text);
    result.unwrap();
    assert_eq!(frame.bytes, text.as_bytes());
}

#[test]
fn where_a_row_says_so_parts_become_strings_and_all_else_stays() {
    let mut vendor = Vendor::OPENAI_SHAPED;
    vendor.profile.contents = Contents::Parts;
    let asked = Asked { hides_usage: true, choices: 1 };
    let mut decoder = ChatDecoder::new(&vendor, asked);
    let list = r#"[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]"#;
    let before =
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"content\\\":[\"}}]}\r\n\r\n: ping\n\n";
    let event = |member: &str| {
        format!(
            "data: {{ \"choices\": [{{\"index\":0,\"delta\":{{{member}}},\"finish_reason\":null}}] }}\r\n\r\n"
        )
    };
    let listed = event(&format!(r#""content": {list}"#));
    let (frame, result) = read(&mut decoder, &format!("{before}{listed}{before}"));
    result.unwrap();
    let said = event(r#""reasoning_content":"hm""#);
    assert_eq!(frame.bytes, format!("{before}{said}{before}"));

    let head = http::Response::new(()).into_parts().0;
    let body = |content: &str| {
        format!(
            r#"{{ "choices":[{{"message":{{"content": {content}}},"finish_reason":"stop"}}] }}"#
        )
    };
    let reply = decoder.whole(&head, body(list).into()).unwrap();
    assert_eq!(reply.body().to_bytes(), body(r#""","reasoning_content":"hm""#));
}

#[test]
fn a_text_that_says_done_is_not_the_end() {
    let mut decoder = strict();
    let first_two: String = STREAM.split_inclusive("\n\n").take(2).collect();
    read(&mut decoder, &first_two).1.unwrap();
    assert!(!decoder.is_finished());
    let error = decoder.end(Bytes::new(), &mut Frame::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[test]
fn an_end_without_its_blank_line_is_an_end() {
    for tail in ["data: [DONE]", "data: [DONE]\n", "data:[DONE]\r\n", "data: [DONE] "] {
        let mut decoder = strict();
        let mut frame = Frame::default();
        decoder.end(Bytes::from_static(tail.as_bytes()), &mut frame).unwrap();
        assert!(decoder.is_finished(), "{tail:?}");
        assert_eq!(sse::FRAMING.whole(&frame.bytes), frame.bytes.len(), "{tail:?}: {frame:?}");
    }
}

#[test]
fn where_done_is_never_said_the_last_choice_that_stops_is_the_end() {
    let stops = |index: u32| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n"
        )
    };
    let mut decoder = decoder(false, Ends::WithChoices, 2);
    let (frame, result) = read(&mut decoder, &stops(0));
    result.unwrap();
    assert_eq!(frame.bytes, stops(0).as_bytes());
    let interrupted = decoder.end(Bytes::new(), &mut Frame::default()).unwrap_err();
    assert_eq!(interrupted.kind(), ErrorKind::Interrupted, "one of two has not stopped");

    let mut frame = Frame::default();
    decoder.end(Bytes::from(stops(1).trim_end().to_owned()), &mut frame).unwrap();
    assert!(decoder.is_finished());
    assert_eq!(frame.bytes, format!("{}data: [DONE]\n\n", stops(1)).as_bytes());
    read(&mut strict(), &stops(0)).1.unwrap();
    let error = strict().end(Bytes::from(stops(0)), &mut Frame::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "where [DONE] is owed, it is awaited");
}

#[test]
fn no_mangled_byte_is_more_than_an_error() {
    let replies = [
        STREAM.replace(": hello\n\n", ""),
        LISTS.to_owned(),
        r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]}"#.to_owned(),
        "data: {\"error\":{\"message\":\"x\",\"code\":500}}\n\n".to_owned(),
        r#"{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#.to_owned(),
        r#"{"error":{"message":"x","details":[{"retryDelay":"1s"}]},"detail":[{"msg":"m","loc":[1]}]}"#
            .to_owned(),
    ];
    let head = http::Response::new(()).into_parts().0;
    for reply in replies {
        for place in 0..reply.len() {
            for byte in [b'"', b'{', b']', b'\\', b'\n', 0, 0xff] {
                let mut mangled = reply.clone().into_bytes();
                mangled[place] = byte;
                let (whole, cut) =
                    (Bytes::from(mangled.clone()), Bytes::from(mangled).slice(..place));
                for (ends, choices) in [(Ends::WithDone, 1), (Ends::WithChoices, 2)] {
                    let mut decoder = decoder(true, ends, choices);
                    let mut frame = Frame::default();
                    _ = decoder.read(whole.clone(), &mut frame);
                    assert!(choices == 2 || frame.bytes.len() <= whole.len());
                    _ = decoder.end(cut.clone(), &mut frame);
                    _ = decoder.whole(&head, whole.clone());
                }
                let refused = crate::refusal::read(&head, whole.clone(), &[]);
                assert_eq!(refused.body(), &whole);
            }
        }
    }
}
