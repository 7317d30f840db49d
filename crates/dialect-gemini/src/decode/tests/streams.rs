//! How streams end, and what comes in several of their pieces.

use super::*;

/// The content that these events say, put together.
fn content(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
}

/// As older models answer: `mock-responses/streaming-success-citations.txt` in
/// `https://github.com/FirebaseExtended/vertexai-sdk-test-data`.
#[test]
fn a_stream_whose_pieces_all_say_stop_is_over_when_its_body_is() {
    let piece = |text: &str, so_far: u64| {
        json!({"candidates":[{"content":{"parts":[{"text":text}]},"finishReason":"STOP","index":0}],
        "usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":so_far}})
    };
    let (events, learnt, result) =
        stream(&[piece("a", 1), piece("b", 2), piece("c", 3)], json!({}));
    result.unwrap();
    assert_eq!(content(&events), "abc");
    assert_eq!((learnt.usage, learnt.finish), (Some(Usage::new(3, 3)), Some(Finish::Stop)));
    let finishes = events.iter().filter(|event| event["choices"][0]["finish_reason"].is_string());
    assert_eq!((finishes.count(), events.last()), (1, Some(&json!("[DONE]"))));
}

#[test]
fn a_last_event_may_lack_its_blank_line_but_not_its_end() {
    let whole = format!("data: {}\n", ended("STOP"));
    for (tail, is_over) in
        [(&*whole, true), (&whole[..whole.len() - 3], false), ("data: [DONE]", false)]
    {
        let mut decoder = decoder(json!({}));
        let mut frame = Frame::default();
        let mut first = Vec::new();
        sse::write(&mut first, None, said(json!([{"text":"a"}])).to_string().as_bytes());
        decoder.read(first.into(), &mut frame).unwrap();
        let result = decoder.end(Bytes::copy_from_slice(tail.as_bytes()), &mut frame);
        assert_eq!(result.is_ok(), is_over, "{tail}");
        let said = String::from_utf8(frame.bytes.to_vec()).unwrap();
        assert!(said.contains("\"content\":\"a\""), "what came with the end is not lost: {said}");
        assert_eq!(decoder.is_finished(), is_over, "{tail}");
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{tail}");
        }
    }
}

#[test]
fn a_proxys_word_for_the_end_is_one() {
    let mut body = Vec::new();
    sse::write(&mut body, None, said(json!([{"text":"a"}])).to_string().as_bytes());
    sse::write(&mut body, None, ended("STOP").to_string().as_bytes());
    sse::write(&mut body, None, b"[DONE]");
    let mut decoder = decoder(json!({}));
    decoder.read(body.into(), &mut Frame::default()).unwrap();
    assert!(decoder.is_finished());
}

#[test]
fn what_is_blocked_on_its_way_says_so_behind_what_was_said() {
    let blocked = json!({"promptFeedback":{"blockReason":"OTHER","blockReasonMessage":"Too bad."}});
    let (events, learnt, result) = stream(&[said(json!([{"text":"a"}])), blocked], json!({}));
    result.unwrap();
    assert_eq!(learnt.finish, Some(Finish::ContentFilter));
    assert_eq!(content(&events), "a");
    assert_eq!(events[1]["choices"][0]["delta"], json!({"refusal":"Too bad."}));
    assert_eq!(events[2]["choices"][0]["native_finish_reason"], "OTHER");
}

#[test]
fn what_is_cited_in_each_piece_is_kept_and_not_said_twice() {
    let cited = |start: u64, end: u64, uri: &str| json!({"citations":[{"startIndex":start,"endIndex":end,"uri":uri}]});
    let piece = |text: &str, citations: Value| json!({"candidates":[{"content":{"parts":[{"text":text}]},"citationMetadata":citations}]});
    let book = json!({"citations":[{"startIndex":0,"endIndex":1,"title":"A book"},{"startIndex":3,"endIndex":9}]});
    let pieces = [
        piece("\u{e9}b", cited(0, 3, "https://a")),
        piece("cd", cited(3, 5, "https://b")),
        piece("e", book),
        piece("f", cited(0, 3, "https://a")),
        ended("STOP"),
    ];
    let annotation = |start, end, url, title| json!({"type":"url_citation","url_citation":{"start_index":start,"end_index":end,"url":url,"title":title}});
    let expected = json!([
        annotation(0, 2, "https://a", ""),
        annotation(2, 4, "https://b", ""),
        annotation(0, 1, "", "A book")
    ]);
    let (events, ..) = stream(&pieces, json!({}));
    let told: Vec<_> =
        events.iter().map(|event| &event["choices"][0]["delta"]["annotations"]).collect();
    assert_eq!(told.iter().filter(|told| told.is_array()).collect::<Vec<_>>(), [&&expected]);
    assert_eq!(reply(&json!(pieces))["choices"][0]["message"]["annotations"], expected);
}

#[test]
fn what_stands_beside_an_answer_comes_with_its_end() {
    let grounding = json!({"webSearchQueries":["q"],"searchEntryPoint":{"renderedContent":"<b>"},"groundingChunks":[{"web":{"uri":"https://a"}}]});
    let pages = json!({"urlMetadata":[{"retrievedUrl":"https://a","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_SUCCESS"}]});
    let piece = |grounding: &Value, pages: &Value, finish: &Value| {
        json!({"candidates":[{"content":{"parts":[{"text":"a"}]},"groundingMetadata":grounding,"urlContextMetadata":pages,
        "finishReason":finish,"finishMessage":"So."}],"usageMetadata":{"promptTokenCount":1}})
    };
    let pieces =
        [piece(&grounding, &pages, &Value::Null), piece(&json!({}), &Value::Null, &json!("STOP"))];
    let beside = json!({"candidates":[{"index":0,"groundingMetadata":grounding,"urlContextMetadata":pages,"finishMessage":"So."}]});
    let (events, _, result) = stream(&pieces, json!({}));
    result.unwrap();
    let told: Vec<_> = events.iter().filter(|event| event["google"].is_object()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["google"], &told[0]["choices"]), (&beside, &json!([])));
    assert_eq!(reply(&json!(pieces))["google"], beside);
    assert_eq!(reply(&ended("STOP")).get("google"), None);
}

#[test]
fn a_picture_of_a_thought_is_told_apart() {
    let parts = json!([{"inlineData":{"mimeType":"image/png","data":"QQ=="},"thought":true},{"inlineData":{"mimeType":"image/png","data":"Qg=="}}]);
    let images = reply(&said(parts))["choices"][0]["message"]["images"].clone();
    assert_eq!((&images[0]["thought"], images[1].get("thought")), (&json!(true), None));
}

#[test]
fn a_sound_in_several_pieces_is_one_of_the_type_that_the_first_has() {
    let sound = |data: &str| json!({"inlineData":{"mimeType":"audio/L16;rate=24000","data":data}});
    let message = reply(&said(json!([sound("QQ=="), sound("QkM=")])));
    assert_eq!(
        message["choices"][0]["message"]["audio"],
        json!({"data":"QUJD","mime_type":"audio/L16;rate=24000"})
    );
    let pieces = [said(json!([sound("QQ==")])), said(json!([sound("QkM=")])), ended("STOP")];
    let (events, ..) = stream(&pieces, json!({}));
    let told = |at: usize| events[at]["choices"][0]["delta"]["audio"].clone();
    assert_eq!(told(0), json!({"data":"QQ==","mime_type":"audio/L16;rate=24000"}));
    assert_eq!(told(1), json!({"data":"QkM="}));
}

/// What is written for a stream that comes as an array in these pieces, and how it ended.
fn heard(pieces: &[&[u8]]) -> (Vec<u8>, bool, Result<(), ProviderError>) {
    let mut decoder = decoder(json!({}));
    assert!(decoder.turns_to_json());
    let mut cutter = ferro_wire::Cutter::new(decoder.framing(), 1 << 20);
    let mut written = Vec::new();
    for piece in pieces {
        cutter.push(Bytes::copy_from_slice(piece));
        let events = cutter.cut().unwrap();
        let mut frame = Frame::default();
        let result = if events.is_empty() { Ok(()) } else { decoder.read(events, &mut frame) };
        written.extend_from_slice(&frame.bytes);
        if result.is_err() || decoder.is_finished() {
            return (written, decoder.is_finished(), result);
        }
    }
    let mut frame = Frame::default();
    let result = decoder.end(cutter.rest(), &mut frame);
    written.extend_from_slice(&frame.bytes);
    (written, decoder.is_finished(), result)
}

#[test]
fn an_array_that_breaks_off_was_interrupted_and_one_with_an_error_is_one() {
    let pieces = json!([said(json!([{"text":"a"}])), ended("STOP")]).to_string();
    let (written, is_finished, result) = heard(&[pieces.as_bytes()]);
    result.unwrap();
    assert!(is_finished && written.ends_with(b"data: [DONE]\n\n"));
    // Where nobody has said anything there was no stream.
    let (nothing, broken) = (ErrorKind::Malformed, ErrorKind::Interrupted);
    let end = pieces.len();
    for (cut, kind) in
        [(0, nothing), (1, nothing), (30, nothing), (end - 3, broken), (end - 1, broken)]
    {
        let error = heard(&[&pieces.as_bytes()[..cut]]).2.unwrap_err();
        assert_eq!(error.kind(), kind, "{cut}");
    }
    let told = json!({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}});
    for body in [json!([told]), told.clone(), json!([said(json!([{"text":"a"}])), told])] {
        let (.., result) = heard(&[body.to_string().as_bytes()]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::RateLimited, "{body}");
    }
    assert_eq!(heard(&[b"[]"]).2.unwrap_err().kind(), nothing);
    assert_eq!(heard(&[b"Bad Gateway\n"]).2.unwrap_err().kind(), nothing);
}

#[test]
fn a_whole_reply_is_a_stream_of_one_that_ends_with_its_body() {
    let whole = json!({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}});
    let (written, is_finished, result) = heard(&[whole.to_string().as_bytes()]);
    result.unwrap();
    assert!(is_finished);
    assert!(String::from_utf8(written).unwrap().contains("\"content\":\"a\""));
    let cut = &whole.to_string()[..40];
    assert_eq!(heard(&[cut.as_bytes()]).2.unwrap_err().kind(), ErrorKind::Malformed);
}

proptest! {
    /// An array says what the events of the same pieces say, however it is cut.
    #[test]
    fn an_array_says_what_events_say(texts in prop::collection::vec("\\PC{0,12}", 1..6), gap in "[ \r\n]{0,3}", cuts in prop::collection::vec(0_usize..600, 0..8)) {
        let mut pieces: Vec<Value> = texts.iter().map(|text| said(json!([{"text":text},{"text":text,"thought":true}]))).collect();
        pieces.push(ended("STOP"));
        let mut events = Vec::new();
        pieces.iter().for_each(|piece| sse::write(&mut events, None, piece.to_string().as_bytes()));
        let listed: Vec<_> = pieces.iter().map(Value::to_string).collect();
        let array = format!("[{gap}{}{gap}]{gap}", listed.join(&format!("{gap},{gap}")));
        let array = array.as_bytes();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(array.len())).chain([0, array.len()]).collect();
        cuts.sort_unstable();
        let parts: Vec<_> = cuts.windows(2).map(|pair| &array[pair[0]..pair[1]]).collect();
        let (written, is_finished, result) = heard(&parts);
        prop_assert!(is_finished && result.is_ok());
        prop_assert_eq!(written, fed(&[&events]));
    }
}
