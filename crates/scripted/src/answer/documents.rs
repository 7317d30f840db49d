//! Ordinary answers of the surfaces besides chat: completions, embeddings, images, moderations, rankings.

use serde_json::{Value, json};

use super::{STREAM_TEXT, WHOLE_TEXT};
use crate::{Events, Reply, Script};

/// A vector as numbers, and as the base64 of their 32-bit forms.
const VECTOR: ([f32; 3], &str) = ([0.5, -0.25, 1.0], "AAAAPwAAgL4AAIA/");
/// An image: what makes a file one of the kind, and nothing behind it.
const IMAGE: &str = "iVBORw0KGgo=";
/// When everything is made.
const MADE: u64 = 1_764_000_000;

/// The answer to a document at a path; `None` where there is no such surface.
pub(crate) fn document(path: &str, asked: &Value) -> Option<Script> {
    type Answer = fn(&Value) -> Script;
    let answers: &[(&str, Answer)] = &[
        ("/completions", completion),
        ("/embeddings", embeddings),
        ("/images/generations", images),
        ("/moderations", moderations),
        ("/rerank", ranking),
    ];
    answers.iter().find(|(end, _)| path.ends_with(end)).map(|(_, answer)| answer(asked))
}

fn whole(body: &Value) -> Script {
    let reply = Reply::json(200, body.to_string());
    reply.header("openai-processing-ms", "7").header("openai-version", "2020-10-01").into()
}

fn is_stream(asked: &Value) -> bool {
    asked["stream"] == true
}

/// How many inputs there are: a text or a list of tokens is one.
fn inputs(input: &Value) -> usize {
    match input.as_array() {
        Some(list) if !list.first().is_some_and(Value::is_number) => list.len(),
        _ => 1,
    }
}

fn completion(asked: &Value) -> Script {
    let envelope = |choices: Value| {
        json!({
            "id": "cmpl-scripted", "object": "text_completion", "created": MADE,
            "model": asked["model"], "choices": choices,
        })
    };
    let choice = |index: usize, text: &str, finish: Option<&str>| json!({"index": index, "text": text, "logprobs": null, "finish_reason": finish});
    let usage = |written: usize| json!({"prompt_tokens": 9, "completion_tokens": written, "total_tokens": 9 + written});
    if !is_stream(asked) {
        let all = 0..inputs(&asked["prompt"]);
        let choices = all.map(|index| choice(index, WHOLE_TEXT, Some("stop"))).collect();
        let mut reply = envelope(choices);
        reply["usage"] = usage(6);
        return whole(&reply);
    }
    let said = STREAM_TEXT.iter().map(|text| envelope(json!([choice(0, text, None)])));
    let mut events: Vec<_> = said.chain([envelope(json!([choice(0, "", Some("stop"))]))]).collect();
    if asked["stream_options"]["include_usage"] == true {
        let mut last = envelope(json!([]));
        last["usage"] = usage(STREAM_TEXT.len());
        events.push(last);
    }
    let events = events.into_iter().map(|event| format!("data: {event}\n\n"));
    Events::new(events.chain(["data: [DONE]\n\n".to_owned()])).into()
}

fn embeddings(asked: &Value) -> Script {
    let vector =
        if asked["encoding_format"] == "base64" { json!(VECTOR.1) } else { json!(VECTOR.0) };
    let count = inputs(&asked["input"]);
    let item = |index| json!({"object": "embedding", "index": index, "embedding": vector});
    whole(&json!({
        "object": "list", "data": (0..count).map(item).collect::<Vec<_>>(),
        "model": asked["model"], "usage": {"prompt_tokens": 2 * count, "total_tokens": 2 * count},
    }))
}

fn images(asked: &Value) -> Script {
    let usage = json!({
        "input_tokens": 6, "output_tokens": 272, "total_tokens": 278,
        "input_tokens_details": {"text_tokens": 6, "image_tokens": 0},
    });
    if !is_stream(asked) {
        let item = match asked["response_format"] == "url" {
            true => json!({"url": "https://images.example/scripted.png"}),
            false => json!({"b64_json": IMAGE}),
        };
        let count = asked["n"].as_u64().unwrap_or(1).min(10);
        let data: Vec<_> = (0..count).map(|_| item.clone()).collect();
        return whole(&json!({"created": MADE, "data": data, "usage": usage}));
    }
    let event = |kind: &str, more: Value| {
        let mut data = json!({
            "type": kind, "b64_json": IMAGE, "created_at": MADE, "size": "1024x1024",
            "quality": "low", "background": "opaque", "output_format": "png",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        format!("event: {kind}\ndata: {data}\n\n")
    };
    let parts = asked["partial_images"].as_u64().unwrap_or_default().min(3);
    let part =
        |index| event("image_generation.partial_image", json!({"partial_image_index": index}));
    let last = event("image_generation.completed", json!({"usage": usage}));
    Events::new((0..parts).map(part).chain([last])).into()
}

fn moderations(asked: &Value) -> Script {
    let result = json!({
        "flagged": false, "categories": {"hate": false, "violence": false},
        "category_scores": {"hate": 0.0001, "violence": 0.0002},
        "category_applied_input_types": {"hate": ["text"], "violence": ["text"]},
    });
    // A text and an image are one thing to judge.
    let is_one = asked["input"][0].is_object();
    let count = if is_one { 1 } else { inputs(&asked["input"]) };
    let results: Vec<_> = (0..count).map(|_| result.clone()).collect();
    whole(&json!({"id": "modr-scripted", "model": asked["model"], "results": results}))
}

/// The last document is the best.
fn ranking(asked: &Value) -> Script {
    let documents = asked["documents"].as_array().map_or(&[][..], Vec::as_slice);
    let most = asked["top_n"].as_u64().and_then(|most| usize::try_from(most).ok());
    let shows = asked["return_documents"] == true;
    let result = |(place, index): (usize, usize)| {
        let score = 0.9 / (place + 1) as f64;
        let mut result = json!({"index": index, "relevance_score": score});
        if shows {
            let text = documents[index].as_str().map(Value::from);
            let text = text.unwrap_or_else(|| documents[index]["text"].clone());
            result["document"] = json!({"text": text});
        }
        result
    };
    let order = (0..documents.len()).rev().take(most.unwrap_or(usize::MAX)).enumerate();
    whole(&json!({
        "id": "rerank-scripted", "results": order.map(result).collect::<Vec<_>>(),
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
    }))
}
