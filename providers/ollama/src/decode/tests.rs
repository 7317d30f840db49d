//! Replies, whatever the bytes and wherever they are cut.

use ferro_core::TargetId;
use ferro_wire::Cutter;
use proptest::prelude::*;

use super::*;

const STREAM: &str = concat!(
    r#"{"model":"q","created_at":"2026-11-29T00:00:00.5Z","message":{"role":"assistant","content":"","thinking":"Hm é"},"done":false}"#,
    "\r\n\n",
    r#"{"model":"q","created_at":"2026-11-29T00:00:01Z","message":{"role":"assistant","content":"Ja – ☀"},"done":false}"#,
    "\n",
    r#"{"model":"q","created_at":"2026-11-29T00:00:02Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":"\u00e9"}}}]},"done":false}"#,
    "\n",
    r#"{"model":"q","created_at":"2026-11-29T00:00:03Z","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,"prompt_eval_count":3,"eval_count":2}"#,
);

fn decoder() -> ChatDecoder {
    let target = TargetId::from("t");
    ChatDecoder::new(&Call::new(&target, "q"), true)
}

/// What a client reads of these bytes, cut at `cuts`, and how it ends.
fn heard(bytes: &[u8], cuts: &[usize]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut decoder = decoder();
    let mut cutter = Cutter::new(decoder.framing(), 1 << 20);
    let mut said = Vec::new();
    let mut places: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    for pair in places.windows(2) {
        cutter.push(Bytes::copy_from_slice(&bytes[pair[0]..pair[1]]));
        let mut frame = Frame::default();
        let read = decoder.read(cutter.cut().unwrap(), &mut frame);
        said.extend_from_slice(&frame.bytes);
        if let Err(error) = read {
            return (said, Some(error.kind()));
        }
    }
    let mut frame = Frame::default();
    let end = if decoder.is_finished() { Ok(()) } else { decoder.end(cutter.rest(), &mut frame) };
    said.extend_from_slice(&frame.bytes);
    (said, end.err().map(|error| error.kind()))
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let (whole, end) = heard(STREAM.as_bytes(), &[]);
        prop_assert_eq!(end, None);
        prop_assert_eq!(heard(STREAM.as_bytes(), &cuts), (whole, None));
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        heard(&bytes, &[]);
        let head = http::Response::new(()).into_parts().0;
        let _read = decoder().whole(&head, bytes.into());
    }

    #[test]
    fn no_change_of_a_byte_is_a_panic_and_half_a_stream_is_no_whole(at in 0..STREAM.len(), byte: u8) {
        let mut bytes = STREAM.as_bytes().to_vec();
        bytes[at] = byte;
        heard(&bytes, &[at]);
        let (_, end) = heard(&STREAM.as_bytes()[..at], &[]);
        prop_assert_eq!(end, Some(ErrorKind::Interrupted));
    }
}

#[test]
fn what_a_server_leaves_out_is_made_up_alike_each_time() {
    let (said, _) = heard(STREAM.as_bytes(), &[]);
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains(r#""id":"chatcmpl-20261129T0000005Z""#), "{said}");
    assert!(said.contains(r#""created":1795910400"#), "{said}");
    assert!(said.contains(r#""id":"call_20261129T0000005Z_0""#), "{said}");
    assert!(said.contains(r#""arguments":"{\"a\":\"\\u00e9\"}""#), "{said}");
    assert!(said.ends_with("data: [DONE]\n\n"), "{said}");
}

#[test]
fn a_reply_without_an_instant_or_a_model_has_the_calls() {
    let head = http::Response::new(()).into_parts().0;
    let body =
        Bytes::from_static(br#"{"message":{"content":"x"},"done":true,"done_reason":"odd"}"#);
    let reply: serde_json::Value = decoder().whole(&head, body).unwrap().json().unwrap();
    assert_eq!(
        (&reply["model"], &reply["choices"][0]["native_finish_reason"]),
        (&"q".into(), &"odd".into())
    );
    assert!(reply["created"].as_u64().unwrap() > 1_700_000_000);
    let error = decoder().whole(&head, Bytes::from_static(b"{\"done\":false}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}
