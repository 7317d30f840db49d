//! Three turns with two calls at once and sealed thoughts: what Bedrock said comes back to it as it was,
//! whether it came whole or in pieces.

use ferro_testkit::{Answer, frames};
use serde_json::{Value, json};

use crate::asked;

const MODEL: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A turn of Bedrock's: a thought with its seal, a redacted one, a text, two calls.
fn turn(number: u32) -> Value {
    let call = |nth: u32, input: Value| json!({"toolUse": {"toolUseId": format!("tooluse_{number}.{nth}:x"), "name": "f", "input": input}});
    json!([
        {"reasoningContent": {"reasoningText": {"text": format!("I think “{number}”.\n"), "signature": format!("c2lnbmF0dXJl{number}==")}}},
        {"reasoningContent": {"redactedContent": format!("cmVkYWN0ZWQ{number}")}},
        {"text": format!("Turn {number}: grüß dich.")},
        call(1, json!({"a": [1, {"b": "ü\n"}]})),
        call(2, json!({})),
    ])
}

fn whole(content: &Value) -> Answer {
    let body = json!({"output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use", "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}});
    Answer::new(200).with_header("content-type", "application/json").with_body(body.to_string())
}

/// The same blocks as events, each in pieces of three characters.
fn streamed(content: &Value) -> Answer {
    let mut lines = vec![("messageStart", json!({"role": "assistant"}))];
    let pieces = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(3).map(|piece| piece.iter().collect::<String>()).collect::<Vec<_>>()
    };
    for (at, block) in content.as_array().unwrap().iter().enumerate() {
        let mut delta = |delta: Value| {
            lines.push(("contentBlockDelta", json!({"contentBlockIndex": at, "delta": delta})));
        };
        if let Some(text) = block["text"].as_str() {
            pieces(text).into_iter().for_each(|text| delta(json!({"text": text})));
        } else if let Some(thought) = block["reasoningContent"].get("reasoningText") {
            for text in pieces(thought["text"].as_str().unwrap()) {
                delta(json!({"reasoningContent": {"text": text}}));
            }
            delta(json!({"reasoningContent": {"signature": thought["signature"]}}));
        } else if let Some(data) = block["reasoningContent"].get("redactedContent") {
            delta(json!({"reasoningContent": {"redactedContent": data}}));
        } else {
            let call = &block["toolUse"];
            let start = json!({"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}});
            lines.push(("contentBlockStart", json!({"contentBlockIndex": at, "start": start})));
            let input = call["input"].to_string();
            let input = if input == "{}" { Vec::new() } else { pieces(&input) };
            for input in input {
                let delta = json!({"toolUse": {"input": input}});
                lines.push(("contentBlockDelta", json!({"contentBlockIndex": at, "delta": delta})));
            }
        }
        lines.push(("contentBlockStop", json!({"contentBlockIndex": at})));
    }
    lines.push(("messageStop", json!({"stopReason": "tool_use"})));
    lines.push((
        "metadata",
        json!({"usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}}),
    ));
    let lines: Vec<_> = lines.iter().map(|(name, payload)| format!("{name} {payload}")).collect();
    Answer::new(200)
        .with_header("content-type", "application/vnd.amazon.eventstream")
        .with_body(frames(&lines.join("\n")))
}

#[tokio::test]
async fn each_turn_goes_back_exactly_as_it_was_said() {
    let asker = asked::with_key().await;
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for is_streamed in [false, true] {
        let mut messages = vec![json!({"role": "user", "content": "Begin."})];
        for number in 1..=3 {
            let body = json!({"model": MODEL, "messages": messages, "tools": tools, "stream": is_streamed,
                "thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 4000});
            let said = turn(number);
            let answer = if is_streamed { streamed(&said) } else { whole(&said) };
            let message = asked::message(&asker, &body, answer).await;
            let calls = message["tool_calls"].as_array().unwrap().clone();
            assert_eq!(calls.len(), 2);
            messages.push(message);
            for call in calls {
                let result = json!({"role": "tool", "tool_call_id": call["id"], "content": "done"});
                messages.push(result);
            }
        }
        let body = json!({"model": MODEL, "messages": messages, "tools": tools});
        let sent: Value = serde_json::from_slice(&asked::sent(&asker, &body).await.body).unwrap();
        let turns = sent["messages"].as_array().unwrap();
        assert_eq!(turns.len(), 7);
        for number in 1..=3 {
            let at = number as usize * 2;
            assert_eq!(turns[at - 1]["content"], turn(number), "streamed: {is_streamed}");
            let results = turns[at]["content"].as_array().unwrap();
            let ids = results.iter().map(|block| block["toolResult"]["toolUseId"].clone());
            let expected = [1, 2].map(|nth| json!(format!("tooluse_{number}.{nth}:x")));
            assert_eq!(ids.collect::<Vec<_>>(), expected);
        }
    }
}

#[tokio::test]
async fn a_tool_that_was_renamed_for_bedrock_has_its_own_name_for_the_client() {
    let asker = asked::with_key().await;
    let tools = json!([{"type": "function", "function": {"name": "weather.now"}}]);
    let body =
        json!({"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "tools": tools});
    let sent: Value = serde_json::from_slice(&asked::sent(&asker, &body).await.body).unwrap();
    let name = &sent["toolConfig"]["tools"][0]["toolSpec"]["name"];
    assert_ne!(name, "weather.now");
    let said = json!([{"toolUse": {"toolUseId": "t", "name": name, "input": {}}}]);
    for (is_streamed, answer) in [(false, whole(&said)), (true, streamed(&said))] {
        let mut body = body.clone();
        body["stream"] = json!(is_streamed);
        let message = asked::message(&asker, &body, answer).await;
        assert_eq!(message["tool_calls"][0]["function"]["name"], "weather.now");
        assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{}");
    }
}

#[tokio::test]
async fn a_picture_by_url_is_fetched_and_sent_by_its_bytes() {
    let asker = asked::with_key().await;
    let part = json!({"type": "image_url", "image_url": {"url": "https://example.com/cat"}});
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": [part]}]});
    let sent: Value = serde_json::from_slice(&asked::sent(&asker, &body).await.body).unwrap();
    let image = &sent["messages"][0]["content"][0]["image"];
    assert_eq!(*image, json!({"format": "png", "source": {"bytes": "iVBORw0KGgouLi4u"}}));
}

#[tokio::test]
async fn a_models_arn_of_another_region_is_no_model_of_this_target() {
    let asker = asked::with_key().await;
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl";
    let request = json!({"model": arn, "messages": [{"role": "user", "content": "hi"}]});
    let key = [("AWS_BEARER_TOKEN_BEDROCK", "k")];
    let inside = asked::asker(&key, json!({"region": "eu-west-1"})).await;
    let sent = asked::sent(&inside, &request).await;
    assert!(sent.uri.path().contains("arn%3Aaws%3Abedrock%3Aeu-west-1"), "{}", sent.uri);
    let (sent, heard) = asked::ask(&asker, &request, Answer::new(500)).await;
    assert!(sent.is_none(), "{sent:?}");
    let refused = heard.error.unwrap();
    assert_eq!(refused.kind(), ferro_core::ErrorKind::NotFound);
    assert!(refused.message().unwrap().contains("region: eu-west-1"));
}
