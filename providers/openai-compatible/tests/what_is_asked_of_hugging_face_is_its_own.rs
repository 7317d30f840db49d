//! Hugging Face's own library is the judge of what its inference is asked: at the same place, with the same
//! body and the same key.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;

use ferro_core::{
    Subject,
    document::{DocumentRequest, Embeddings, Form, Images},
};
use ferro_provider_openai_compatible::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script, oracle};
use serde_json::{Value, json};

const KEY: &str = "hf-key-12345678";

fn judged(cases: &[Value]) -> Vec<Value> {
    oracle(Path::new("tests/hugging_face.py"), cases)
}

/// What is asked for a request, as the library tells it of itself, and what was heard.
fn ask<F: Form>(request: &Value, answer: Answer) -> (Vec<Value>, Heard) {
    let row = PROVIDERS.iter().find(|factory| factory.describe().kind == "hugging-face").unwrap();
    let request = DocumentRequest::<F>::parse(request.to_string().into_bytes()).unwrap();
    let upstream = Script::always(answer);
    Clock::run(async |_| {
        let asker = Asker::new(*row, &[("HUGGING_FACE_API_KEY", KEY)], json!({})).await;
        let cx = asker.context(request.model(), &upstream, &upstream);
        let heard = asker.ask::<F>(&cx, &request).await;
        let asked = upstream.sent().into_iter().map(|sent| {
            let body: Value = serde_json::from_slice(&sent.body).unwrap();
            let key = sent.headers["authorization"].to_str().unwrap();
            let url = format!("{}{}", asker.built.origin, sent.uri);
            json!({"url": url, "body": body, "authorization": key})
        });
        (asked.collect(), heard)
    })
}

fn read(heard: &Heard) -> Value {
    assert!(heard.error.is_none(), "{heard:?}");
    serde_json::from_slice(&heard.bytes()).unwrap()
}

#[test]
fn the_library_asks_the_same() {
    const E5: &str = "intfloat/multilingual-e5-large";
    const FLUX: &str = "black-forest-labs/FLUX.1-dev";
    let refused = || Answer::new(401).with_body(r#"{"error":"no"}"#);
    let vectors = |request: Value| ask::<Embeddings>(&request, refused()).0.remove(0);
    let picture = |request: Value| ask::<Images>(&request, refused()).0.remove(0);
    let by_library = |task: &str, model: &str, inputs: Value, parameters: Value| json!({"task": task, "model": model, "inputs": inputs, "parameters": parameters, "key": KEY});
    let texts = |inputs, parameters| by_library("feature-extraction", E5, inputs, parameters);
    let painted = |parameters| by_library("text-to-image", FLUX, json!("A cat."), parameters);
    let (ours, cases): (Vec<_>, Vec<_>) = [
        (vectors(json!({"model": E5, "input": "Grüße"})), texts(json!(["Grüße"]), json!({}))),
        (
            vectors(json!({"model": format!("{E5}:hf-inference"), "input": ["a", "b"], "encoding_format": "base64", "normalize": true, "prompt_name": "query"})),
            texts(json!(["a", "b"]), json!({"normalize": true, "prompt_name": "query"})),
        ),
        (picture(json!({"model": FLUX, "prompt": "A cat."})), painted(json!({}))),
        (
            picture(json!({"model": FLUX, "prompt": "A cat.", "n": 1, "size": "640x480", "response_format": "b64_json", "seed": 7, "negative_prompt": "dogs"})),
            painted(json!({"seed": 7, "negative_prompt": "dogs", "width": 640, "height": 480})),
        ),
    ]
    .into_iter()
    .unzip();
    for (own, other) in ours.iter().zip(judged(&cases)) {
        assert_eq!(*own, other);
    }
}

#[test]
fn several_pictures_are_asked_for_one_by_one() {
    let png = &b"\x89PNG\r\n\x1a\n...."[..];
    let answer = Answer::new(200).with_header("content-type", "image/png").with_body(png);
    let (asked, heard) =
        ask::<Images>(&json!({"model": "a/b", "prompt": "A cat.", "n": 3}), answer.clone());
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| *one == asked[0]), "{asked:?}");
    assert_eq!(read(&heard)["data"].as_array().unwrap().len(), 3);
    let seeded = json!({"model": "a/b", "prompt": "A cat.", "n": 3, "seed": 7});
    assert!(ask::<Images>(&seeded, answer).0.is_empty(), "each would be the same");
}

#[test]
fn the_library_hears_the_same_vectors() {
    const SAID: &str = "[[0.25,-0.5],[1.0,0.0]]";
    let answer = Answer::new(200).with_header("content-type", "application/json").with_body(SAID);
    let (_, heard) = ask::<Embeddings>(&json!({"model": "a/b", "input": ["a", "b"]}), answer);
    let reply = read(&heard);
    let ours = json!([reply["data"][0]["embedding"], reply["data"][1]["embedding"]]);
    assert_eq!(judged(&[json!({"hear": SAID})]), [ours]);
}
