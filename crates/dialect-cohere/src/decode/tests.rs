//! What Cohere says, in the words of the chat wire: laws over all inputs, and shapes that no case
//! shows. What its replies come to is tried by the vendor's cases.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Frame, ProviderError, TargetId,
    chat::{ChatRequest, ChatResponse},
};
use ferro_wire::Cutter;
use proptest::prelude::*;

use crate::{ChatDecoder, Profile, encode};

fn decoder(is_stream: bool) -> ChatDecoder {
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}],"stream":{is_stream},"stream_options":{{"include_usage":true}}}}"#
    );
    let request = ChatRequest::parse(body.into_bytes()).unwrap();
    let target = TargetId::from("t");
    let mut call = Call::new(&target, "m");
    call.now = std::time::UNIX_EPOCH;
    encode(&Profile::COHERE, &call, &request).unwrap().1
}

fn whole(body: &[u8]) -> Result<ChatResponse, ProviderError> {
    let head = http::Response::new(()).into_parts().0;
    decoder(false).whole(&head, Bytes::copy_from_slice(body))
}

/// Reads a stream that arrives cut at these places.
fn streamed(body: &[u8], cuts: &[usize]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut decoder = decoder(true);
    let mut cutter = Cutter::new(decoder.framing(), 1 << 20);
    let mut out = Vec::new();
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
    cuts.extend([0, body.len()]);
    cuts.sort_unstable();
    for pair in cuts.windows(2) {
        cutter.push(Bytes::copy_from_slice(&body[pair[0]..pair[1]]));
        let events = cutter.cut().unwrap();
        if events.is_empty() {
            continue;
        }
        let mut frame = Frame::default();
        let read = decoder.read(events, &mut frame);
        out.extend_from_slice(&frame.bytes);
        if let Err(error) = read {
            return (out, Some(error.kind()));
        }
    }
    if decoder.is_finished() {
        return (out, None);
    }
    let mut frame = Frame::default();
    let end = decoder.end(cutter.rest(), &mut frame);
    out.extend_from_slice(&frame.bytes);
    (out, end.err().map(|error| error.kind()))
}

const STREAM: &str = concat!(
    "event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"r\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[],\"tool_calls\":[]}}}\n\n",
    "event: tool-plan-delta\ndata: {\"type\":\"tool-plan-delta\",\"delta\":{\"message\":{\"tool_plan\":\"Grüezi \"}}}\n\n",
    ": keep-alive\n\n",
    "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"👋\\n\"}}},\"logprobs\":{\"token_ids\":[1],\"text\":\"w\",\"logprobs\":[-1.0]}}\n\n",
    "event: tool-call-start\ndata: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}}}}\n\n",
    "event: tool-call-delta\ndata: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{}\"}}}}}\n\n",
    "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\",\"usage\":{\"tokens\":{\"input_tokens\":1,\"output_tokens\":2}}}}\n\n",
    "data: [DONE]\n\n",
);

#[test]
fn a_stream_that_never_ended_was_interrupted() {
    let end = STREAM.find("event: message-end").unwrap();
    assert_eq!(streamed(&STREAM.as_bytes()[..end], &[]).1, Some(ErrorKind::Interrupted));
    let done = [&STREAM[..end], "data: [DONE]\n\n"].concat();
    assert_eq!(
        streamed(done.as_bytes(), &[]).1,
        Some(ErrorKind::Interrupted),
        "`[DONE]` ends nothing"
    );
}

#[test]
fn the_last_event_may_lack_its_blank_line() {
    let end = STREAM.find("\n\ndata: [DONE]").unwrap();
    let (said, error) = streamed(&STREAM.as_bytes()[..end], &[]);
    assert_eq!(error, None);
    assert_eq!(said, streamed(STREAM.as_bytes(), &[]).0);
}

#[test]
fn what_comes_behind_the_end_is_not_listened_to() {
    let more = [STREAM, "data: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"late\"}}}}\n\n"].concat();
    assert_eq!(streamed(more.as_bytes(), &[]), streamed(STREAM.as_bytes(), &[]));
}

#[test]
fn a_stream_may_begin_without_its_first_event() {
    let rest = STREAM.find("event: tool-plan-delta").unwrap();
    let (said, error) = streamed(&STREAM.as_bytes()[rest..], &[]);
    assert_eq!(error, None);
    let said = String::from_utf8(said).unwrap();
    assert_eq!(said.matches("\"role\":\"assistant\"").count(), 1, "{said}");
    assert!(said.contains("\"id\":\"\""), "{said}");
}

#[test]
fn what_is_no_event_is_malformed() {
    for data in ["null", "7", "[]", "{}", "{\"type\":7}", "{\"type\":\"message-end\"}", "{"] {
        let body = format!("data: {data}\n\n");
        assert_eq!(streamed(body.as_bytes(), &[]).1, Some(ErrorKind::Malformed), "{data}");
    }
    let typed = "event: error\ndata: {\"type\":\"error\",\"message\":\"too many tokens\"}\n\n";
    assert_eq!(streamed(typed.as_bytes(), &[]).1, Some(ErrorKind::ContextLength));
}

#[test]
fn content_may_be_null_beside_calls() {
    let body = br#"{"id":"r","finish_reason":"TOOL_CALL","message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}"#;
    let reply: serde_json::Value = whole(body).unwrap().json().unwrap();
    assert!(reply["choices"][0]["message"]["content"].is_null());
    let silent =
        br#"{"id":"r","finish_reason":"COMPLETE","message":{"role":"assistant","content":[]}}"#;
    let reply: serde_json::Value = whole(silent).unwrap().json().unwrap();
    assert_eq!(reply["choices"][0]["message"]["content"], "");
}

#[test]
fn probabilities_of_no_token_are_a_number_all_the_same() {
    let body = br#"{"id":"r","finish_reason":"COMPLETE","message":{"content":[]},"logprobs":[{"text":"a","token_ids":[]},{}]}"#;
    let reply: serde_json::Value = whole(body).unwrap().json().unwrap();
    let content = &reply["choices"][0]["logprobs"]["content"];
    assert_eq!((&content[0]["logprob"], &content[1]["token"]), (&0.0.into(), &"".into()));
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(cuts in prop::collection::vec(any::<usize>(), 0..40)) {
        prop_assert_eq!(streamed(STREAM.as_bytes(), &cuts), streamed(STREAM.as_bytes(), &[]));
    }

    #[test]
    fn no_bytes_are_a_panic(body in prop::collection::vec(any::<u8>(), 0..200), cuts in prop::collection::vec(any::<usize>(), 0..4)) {
        let _ = whole(&body);
        let _ = streamed(&body, &cuts);
    }

    /// Bytes that are nearly right: one of a good stream or reply is another, or some are gone.
    #[test]
    fn no_mistake_of_the_vendors_is_a_panic(at in any::<usize>(), byte in any::<u8>(), gone in 0..30_usize) {
        let mut body = STREAM.as_bytes().to_vec();
        let at = at % body.len();
        body[at] = byte;
        body.drain(at..(at + gone).min(STREAM.len()));
        let _ = streamed(&body, &[at]);
        for line in String::from_utf8_lossy(&body).lines() {
            let _ = whole(line.trim_start_matches("data: ").as_bytes());
        }
    }
}
