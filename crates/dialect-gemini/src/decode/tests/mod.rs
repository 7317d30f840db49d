//! What a client reads of what the vendor answers.

#![expect(clippy::needless_pass_by_value, reason = "literals are written where they are used")]

mod streams;

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Finish, Frame, ProviderError, ServiceTier, TargetId, Usage, Whole,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_wire::sse;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::Profile;

fn decoder(fields: Value) -> Box<dyn Decoder<Chat>> {
    let mut body = json!({"model":"m","messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    let target = TargetId::from("t");
    let mut call = Call::new(&target, "gemini-3-pro-preview");
    call.now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_764_000_000);
    Profile::AI_STUDIO.encode(&call, &ChatRequest::of(&body).unwrap()).unwrap().1
}

fn parts() -> http::response::Parts {
    let answer = http::Response::builder().header("x-gemini-service-tier", "flex");
    answer.body(()).unwrap().into_parts().0
}

fn whole(body: &Value) -> Result<ChatResponse, ProviderError> {
    decoder(json!({})).whole(&parts(), Bytes::from(body.to_string()))
}

fn reply(body: &Value) -> Value {
    whole(body).unwrap().json().unwrap()
}

/// The events of these pieces, what was learnt, and how it ended.
fn stream(pieces: &[Value], fields: Value) -> (Vec<Value>, Frame, Result<(), ProviderError>) {
    let mut decoder = decoder(fields);
    let (mut bytes, mut learnt, mut result) = (Vec::new(), Frame::default(), Ok(()));
    for piece in pieces {
        let mut event = Vec::new();
        sse::write(&mut event, None, piece.to_string().as_bytes());
        let mut frame = Frame::default();
        result = decoder.read(event.into(), &mut frame);
        take(&mut bytes, &mut learnt, frame);
        if result.is_err() {
            break;
        }
    }
    if result.is_ok() && !decoder.is_finished() {
        let mut frame = Frame::default();
        result = decoder.end(Bytes::new(), &mut frame);
        take(&mut bytes, &mut learnt, frame);
    }
    let events = sse::events(&bytes)
        .map(|event| serde_json::from_slice(&event.data()).unwrap_or(json!("[DONE]")));
    (events.collect(), learnt, result)
}

fn take(bytes: &mut Vec<u8>, learnt: &mut Frame, frame: Frame) {
    bytes.extend_from_slice(&frame.bytes);
    learnt.usage = frame.usage.or(learnt.usage.take());
    learnt.finish = frame.finish.or(learnt.finish);
}

fn said(parts: Value) -> Value {
    json!({"candidates":[{"content":{"role":"model","parts":parts}}],"responseId":"r"})
}

fn ended(reason: &str) -> Value {
    json!({"candidates":[{"finishReason":reason}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2},"responseId":"r"})
}

fn call(name: &str) -> Value {
    json!([{"functionCall":{"name":name,"args":{"a":1}}}])
}

#[test]
fn a_reply_keeps_the_vendors_name_for_itself_and_its_model() {
    let body = json!({"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b"}]},"finishReason":"STOP"}],"responseId":"r-1","modelVersion":"gemini-3-pro-001"});
    let reply = reply(&body);
    assert_eq!(
        (&reply["id"], &reply["model"], &reply["service_tier"]),
        (&json!("r-1"), &json!("gemini-3-pro-001"), &json!("flex"))
    );
    assert_eq!(reply["choices"][0]["message"]["content"], "ab");
    assert_eq!(reply["choices"][0]["native_finish_reason"], "STOP");
    let nameless = self::reply(&json!({"candidates":[{"content":{"parts":[{"text":"a"}]}}]}));
    assert_eq!(
        (&nameless["model"], &nameless["choices"][0]["finish_reason"]),
        (&json!("gemini-3-pro-preview"), &Value::Null)
    );
}

#[test]
fn thoughts_are_no_words_and_seals_stay_with_what_they_are_on() {
    let body = json!({"candidates":[{"content":{"parts":[
        {"text":"hm","thought":true},{"text":"!","thought":true,"thoughtSignature":"T"},
        {"text":"a","thoughtSignature":"S"},
        {"functionCall":{"id":"c1","name":"f","args":{"x":1.0}},"thoughtSignature":"C+/="}]},"finishReason":"STOP"}],"responseId":"r"});
    let message = &reply(&body)["choices"][0]["message"];
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("a"), &json!("hm!")));
    assert_eq!(
        message["reasoning_details"],
        json!([
        {"type":"reasoning.text","text":"!","signature":"T","format":"google-gemini-v1","index":0},
        {"type":"reasoning.encrypted","data":"S","format":"google-gemini-v1","index":1}])
    );
    assert_eq!(
        message["tool_calls"],
        json!([{"id":"c1__thought__C+/=","type":"function",
        "function":{"name":"f","arguments":"{\"x\":1.0}"},"extra_content":{"google":{"thought_signature":"C+/="}}}])
    );
}

#[test]
fn a_call_without_an_id_gets_one_that_no_other_turn_has() {
    let body = json!({"candidates":[{"content":{"parts":[call("f")[0], call("g")[0]]},"finishReason":"STOP"}],"responseId":"r-9"});
    let calls = &reply(&body)["choices"][0]["message"]["tool_calls"];
    assert_eq!(
        (&calls[0]["id"], &calls[1]["id"]),
        (&json!("call_r-9_0_0"), &json!("call_r-9_0_1"))
    );
    let (events, ..) = stream(&[said(call("f")), said(call("g")), ended("STOP")], json!({}));
    let call = &events[1]["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!((&call["id"], &call["index"]), (&json!("call_r_0_1"), &json!(1)));
}

#[test]
fn a_function_that_went_by_another_name_comes_back_by_its_own() {
    let tools = json!([{"type":"function","function":{"name":"a b"}}]);
    let made = crate::names::fit("a b").into_owned();
    let (events, ..) = stream(&[said(call(&made)), ended("STOP")], json!({"tools":tools}));
    assert_eq!(events[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"], "a b");
}

#[test]
fn a_call_anywhere_in_a_stream_makes_stop_a_call_for_tools() {
    for pieces in [
        [said(call("f")), ended("STOP")],
        [
            said(json!([{"text":"a"}])),
            json!({"candidates":[{"content":{"parts":call("f")},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}),
        ],
    ] {
        let (events, learnt, result) = stream(&pieces, json!({}));
        result.unwrap();
        assert_eq!(learnt.finish, Some(Finish::ToolCalls), "{events:?}");
    }
    let late = [json!({"candidates":[{"finishReason":"STOP"}]}), said(call("f"))];
    let (events, learnt, result) = stream(&late, json!({}));
    result.unwrap();
    assert_eq!(learnt.finish, Some(Finish::ToolCalls), "{events:?}");
    assert_eq!(
        stream(&[said(call("f")), ended("MAX_TOKENS")], json!({})).1.finish,
        Some(Finish::Length)
    );
}

#[test]
fn every_reason_to_stop_has_its_word() {
    for (native, finish) in [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("IMAGE_PROHIBITED_CONTENT", "content_filter"),
        ("IMAGE_RECITATION", "content_filter"),
        ("UNEXPECTED_TOOL_CALL", "content_filter"),
        ("TOO_MANY_TOOL_CALLS", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "stop"),
        ("OTHER", "stop"),
        ("NO_IMAGE", "stop"),
        ("SOMETHING_NEW", "stop"),
    ] {
        let choice = &reply(&ended(native))["choices"][0];
        assert_eq!(
            (&choice["finish_reason"], &choice["native_finish_reason"]),
            (&json!(finish), &json!(native))
        );
    }
    let body = json!({"candidates":[{"finishReason":"SAFETY","finishMessage":"Too bad."}]});
    assert_eq!(reply(&body)["choices"][0]["message"]["refusal"], "Too bad.");
    let (events, ..) = stream(&[body], json!({}));
    assert_eq!(events[0]["choices"][0]["delta"]["refusal"], "Too bad.");
}

#[test]
fn a_blocked_prompt_is_a_choice_that_says_so_and_is_paid_for() {
    let body =
        json!({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}});
    let whole = whole(&body).unwrap();
    assert_eq!(
        (whole.finish(), whole.usage()),
        (Some(Finish::ContentFilter), Some(Usage::new(4, 0).at(ServiceTier::Flex)))
    );
    let choice = &whole.json::<Value>().unwrap()["choices"][0];
    assert_eq!(
        (&choice["message"]["content"], &choice["native_finish_reason"]),
        (&Value::Null, &json!("SAFETY"))
    );
    assert_eq!(choice["message"]["refusal"], "The prompt was blocked: SAFETY");
    let (events, learnt, result) = stream(&[body], json!({}));
    result.unwrap();
    assert_eq!(
        (learnt.finish, learnt.usage),
        (Some(Finish::ContentFilter), Some(Usage::new(4, 0)))
    );
    assert_eq!(events[0]["choices"][0]["delta"]["refusal"], "The prompt was blocked: SAFETY");
    assert_eq!(events.last(), Some(&json!("[DONE]")));
}

#[test]
fn several_answers_are_told_apart_whole_and_streamed() {
    let both = json!({"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"},{"content":{"parts":[{"text":"a"}]},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":1}});
    let choices = reply(&both)["choices"].clone();
    assert_eq!((&choices[0]["index"], &choices[0]["message"]["content"]), (&json!(1), &json!("b")));
    assert_eq!((&choices[1]["index"], &choices[1]["finish_reason"]), (&json!(0), &json!("length")));
    let one = |index, text: &str| json!({"candidates":[{"index":index,"content":{"parts":[{"text":text}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}});
    let (events, _, result) = stream(&[one(0, "a"), one(1, "b")], json!({"n":2}));
    result.unwrap();
    let stops = events.iter().filter(|event| event["choices"][0]["finish_reason"].is_string());
    assert_eq!(
        stops.map(|event| event["choices"][0]["index"].clone()).collect::<Vec<_>>(),
        [json!(0), json!(1)]
    );
}

#[test]
fn counts_are_in_our_convention_and_the_last_ones_count() {
    let counts = json!({"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":7,"cachedContentTokenCount":4,
        "toolUsePromptTokenCount":3,"promptTokensDetails":[{"modality":"TEXT","tokenCount":4},{"modality":"AUDIO","tokenCount":2},{"modality":"IMAGE","tokenCount":4}],
        "toolUsePromptTokensDetails":[{"modality":"IMAGE","tokenCount":1}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":5},{"modality":"AUDIO","tokenCount":1}]});
    let mut usage = Usage::new(13, 12);
    (usage.reasoning_tokens, usage.cached_tokens) = (7, 4);
    (usage.prompt_audio_tokens, usage.prompt_image_tokens) = (2, 5);
    (usage.completion_image_tokens, usage.completion_audio_tokens) = (5, 1);
    let first = json!({"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":99,"candidatesTokenCount":99}});
    let last = json!({"candidates":[{"finishReason":"STOP"}],"usageMetadata":counts});
    assert_eq!(whole(&last).unwrap().usage(), Some(usage.clone().at(ServiceTier::Flex)));
    let (events, learnt, _) = stream(&[first, last], json!({}));
    assert_eq!(learnt.usage, Some(usage));
    let told: Vec<_> = events.iter().filter(|event| event["usage"].is_object()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["usage"]["total_tokens"], 25);
}

#[test]
fn a_streams_tier_is_that_of_its_head() {
    let mut decoder = decoder(json!({}));
    assert_eq!(decoder.comes(&parts()), None);
    let piece = json!({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],
        "usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}});
    let (mut event, mut frame) = (Vec::new(), Frame::default());
    sse::write(&mut event, None, piece.to_string().as_bytes());
    decoder.read(event.into(), &mut frame).unwrap();
    assert_eq!(frame.usage, Some(Usage::new(3, 2).at(ServiceTier::Flex)));
}

#[test]
fn counts_that_come_behind_the_end_still_count() {
    let pieces = [
        json!({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}),
        json!({"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}),
    ];
    let (events, learnt, result) = stream(&pieces, json!({}));
    result.unwrap();
    assert_eq!(learnt.usage, Some(Usage::new(3, 2)));
    assert_eq!(events.last(), Some(&json!("[DONE]")));
}

#[test]
fn a_stream_that_does_not_say_why_it_ends_was_interrupted() {
    let (.., result) = stream(&[said(json!([{"text":"a"}]))], json!({}));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    let one_of_two = json!({"candidates":[{"finishReason":"STOP"},{"index":1,"content":{"parts":[{"text":"b"}]}}]});
    assert_eq!(stream(&[one_of_two], json!({"n":2})).2.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[test]
fn an_error_in_a_stream_comes_after_what_was_said_also_in_a_list() {
    let error =
        json!({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}});
    for error in [error.clone(), json!([error])] {
        let (events, _, result) = stream(&[said(json!([{"text":"a"}])), error.clone()], json!({}));
        let told = result.unwrap_err();
        assert_eq!(
            (told.kind(), told.message()),
            (ErrorKind::Overloaded, Some("The model is overloaded."))
        );
        assert_eq!(events.len(), 1);
        let mut decoder = decoder(json!({}));
        let tail = decoder.end(Bytes::from(error.to_string()), &mut Frame::default()).unwrap_err();
        assert_eq!(tail.kind(), ErrorKind::Overloaded);
        assert_eq!(whole(&error).unwrap_err().kind(), ErrorKind::Overloaded);
    }
}

#[test]
fn a_reply_that_comes_as_a_list_is_one() {
    let list = json!([said(json!([{"text":"a"}])), said(json!([{"text":"b"}])), ended("STOP")]);
    let reply = whole(&list).unwrap();
    assert_eq!(
        (reply.usage(), reply.finish()),
        (Some(Usage::new(3, 2).at(ServiceTier::Flex)), Some(Finish::Stop))
    );
    assert_eq!(reply.json::<Value>().unwrap()["choices"][0]["message"]["content"], "ab");
}

#[test]
fn pictures_and_sounds_are_parts_of_the_message() {
    let parts = json!([{"inlineData":{"mimeType":"image/png","data":"QQ=="},"thoughtSignature":"S"},{"inlineData":{"mimeType":"image/png","data":"Qg=="}},{"inlineData":{"mimeType":"audio/L16","data":"Qw=="}}]);
    let message = &reply(&said(parts))["choices"][0]["message"];
    assert_eq!(
        message["images"],
        json!([
        {"type":"image_url","index":0,"image_url":{"url":"data:image/png;base64,QQ=="}},
        {"type":"image_url","index":1,"image_url":{"url":"data:image/png;base64,Qg=="}}])
    );
    assert_eq!(message["audio"], json!({"data":"Qw==","mime_type":"audio/L16"}));
    assert_eq!(message["reasoning_details"][0]["id"], "image_0");
}

#[test]
fn a_program_that_was_run_is_shown() {
    let parts = json!([{"executableCode":{"language":"PYTHON","code":"print(1)\n"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}},{"text":"One."}]);
    let content = reply(&said(parts))["choices"][0]["message"]["content"].clone();
    assert_eq!(content, "```python\nprint(1)\n```\n```\n1\n```\nOne.");
}

#[test]
fn what_an_answer_rests_on_is_annotated_by_characters() {
    let grounding = json!({"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{"uri":"gs://b"}}],
        "groundingSupports":[{"segment":{"startIndex":0,"endIndex":3},"groundingChunkIndices":[0,1,9]}]});
    let body = json!({"candidates":[{"content":{"parts":[{"text":"é1 and more"}]},"finishReason":"STOP","groundingMetadata":grounding,
        "citationMetadata":{"citationSources":[{"startIndex":3,"endIndex":7,"uri":"https://c"}]}}],"usageMetadata":{"promptTokenCount":1}});
    let annotation = |start, end, url, title| json!({"type":"url_citation","url_citation":{"start_index":start,"end_index":end,"url":url,"title":title}});
    let expected = json!([
        annotation(0, 2, "https://a", "A"),
        annotation(0, 2, "gs://b", ""),
        annotation(2, 6, "https://c", "")
    ]);
    assert_eq!(reply(&body)["choices"][0]["message"]["annotations"], expected);
    let (events, ..) = stream(&[body], json!({}));
    assert_eq!(events[1]["choices"][0]["delta"]["annotations"], expected);
    let whole = json!({"candidates":[{"content":{"parts":[{"text":"é1"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a"}}]}}]});
    assert_eq!(
        reply(&whole)["choices"][0]["message"]["annotations"],
        json!([annotation(0, 2, "https://a", "")])
    );
}

#[test]
fn how_likely_the_words_were_is_kept_to_the_digit() {
    let likely = json!({"chosenCandidates":[{"token":"é","tokenId":1,"logProbability":-0.50}],"topCandidates":[{"candidates":[{"token":"b","logProbability":-1}]}]});
    let body = json!({"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":likely}],"usageMetadata":{"promptTokenCount":1}});
    let expected = json!({"content":[{"token":"é","logprob":-0.50,"bytes":[195,169],"top_logprobs":[{"token":"b","logprob":-1,"bytes":[98]}]}],"refusal":null});
    assert_eq!(reply(&body)["choices"][0]["logprobs"], expected);
    let (events, ..) = stream(&[body], json!({}));
    assert_eq!(events[1]["choices"][0]["logprobs"], expected);
}

proptest! {
    /// Whatever bytes come, in whatever pieces.
    #[test]
    fn no_bytes_are_a_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        let mut decoder = decoder(json!({}));
        for piece in pieces {
            let event = [b"data: ", &piece[..], b"\n\n"].concat();
            let _read = decoder.read(event.into(), &mut Frame::default());
            let _whole = decoder.whole(&parts(), piece.into());
        }
        let _end = decoder.end(Bytes::new(), &mut Frame::default());
    }

    /// Any reply of the vendor's shape, cut anywhere, says the same.
    #[test]
    fn any_chunking_says_the_same(texts in prop::collection::vec("\\PC{0,12}", 1..6), cuts in prop::collection::vec(0_usize..400, 0..6)) {
        let mut body = Vec::new();
        for text in &texts {
            sse::write(&mut body, None, said(json!([{"text":text},{"text":text,"thought":true}])).to_string().as_bytes());
        }
        sse::write(&mut body, None, ended("STOP").to_string().as_bytes());
        let at_once = fed(&[&body]);
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(body.len())).chain([0, body.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
        prop_assert_eq!(fed(&pieces), at_once);
    }
}

/// What is written for a body that arrives in these pieces, cut as the driver cuts.
fn fed(pieces: &[&[u8]]) -> Vec<u8> {
    let mut decoder = decoder(json!({}));
    let mut cutter = ferro_wire::Cutter::new(decoder.framing(), 1 << 20);
    let mut written = Vec::new();
    for piece in pieces {
        cutter.push(Bytes::copy_from_slice(piece));
        let mut frame = Frame::default();
        decoder.read(cutter.cut().unwrap(), &mut frame).unwrap();
        written.extend_from_slice(&frame.bytes);
    }
    let mut frame = Frame::default();
    decoder.end(cutter.rest(), &mut frame).unwrap();
    written.extend_from_slice(&frame.bytes);
    assert!(decoder.is_finished());
    written
}
