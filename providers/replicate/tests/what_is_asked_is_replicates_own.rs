//! Replicate's own library is the judge: it would ask the same, what its types write is understood, and
//! it reads in a stream what a client is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{fs, path::Path, sync::Arc};

use ferro_core::{ErrorKind, Finish, Upstream, Usage};
use ferro_provider_replicate::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script, Sent, oracle};
use serde_json::{Value, json};

const TOKEN: &str = "token";

fn judged(cases: &[Value]) -> Vec<Value> {
    oracle(Path::new("tests/oracle.py"), cases)
}

/// What is asked for a reply of `model`, and what is heard where the API answers like this.
fn ask(
    model: &str,
    request: &Value,
    api: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Vec<Sent>, Heard) {
    let api = Arc::new(Script::new(api));
    let others: [(&str, Arc<dyn Upstream>); 1] = [("api", Arc::clone(&api) as _)];
    Clock::run(async |_| {
        let asker = Asker::new(PROVIDERS[0], &[("REPLICATE_API_TOKEN", TOKEN)], json!({})).await;
        let cx = asker.context(model, &*api, &*api).with_others(&others);
        let heard = asker.chat(&cx, request).await;
        (api.sent(), heard)
    })
}

fn refusal(_: &Sent) -> Answer {
    Answer::new(401).with_body(r#"{"detail":"no"}"#)
}

fn written(prediction: &Value) -> String {
    judged(&[json!({"write": prediction})]).remove(0).as_str().unwrap().to_owned()
}

fn prediction(status: &str, output: &Value) -> Value {
    json!({
        "id": "gm3qorzdhgbfurvjtvhg6dckhu", "model": "meta/meta-llama-3-8b-instruct",
        "version": "dp-4c5d", "input": {"prompt": "Say hello."}, "logs": "", "output": output,
        "status": status, "created_at": "2026-11-29T12:34:56.789Z",
        "metrics": {"input_token_count": 5, "output_token_count": 7, "predict_time": 0.5},
        "urls": {
            "get": "https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu",
            "cancel": "https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu/cancel",
            "stream": "https://stream.replicate.com/v1/files/x",
        },
    })
}

#[test]
fn the_library_asks_the_same() {
    let version = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa";
    let pinned = format!("meta/meta-llama-3-8b-instruct:{version}");
    let talk = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "Look."},
            {"type": "image_url", "image_url": {"url": "https://p.example/a.png"}},
        ]},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "é \"quoted\""},
    ]);
    let (mut cases, mut own) = (Vec::new(), Vec::new());
    for model in
        ["meta/meta-llama-3-8b-instruct", &pinned, "openai/gpt-4.1-mini", "google/gemini-3-pro"]
    {
        for stream in [false, true] {
            let request = json!({"model": model, "messages": talk, "stream": stream,
                "temperature": 0.5, "max_tokens": 9, "stop": ["a", "b"], "top_k": 40, "seed": null});
            let (asked, _) = ask(model, &request, refusal);
            let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
            cases.push(json!({"ask": {"model": model, "stream": stream, "input": body["input"]}}));
            own.push((asked[0].clone(), body));
        }
    }
    for ((theirs, (sent, body)), case) in judged(&cases).iter().zip(own).zip(&cases) {
        assert_eq!(theirs["asked"], format!("{} {}", sent.method, sent.uri), "{case}");
        let header = |name: &str| sent.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(theirs["authorization"].as_str(), header("authorization"));
        assert_eq!(theirs["prefer"].as_str(), header("prefer"), "{case}");
        assert_eq!(theirs["body"], body, "{case}");
    }
}

#[test]
fn a_prediction_that_the_librarys_types_write_is_understood() {
    for output in [json!(["Hello", "!"]), json!("Hello!")] {
        let first = written(&prediction("processing", &Value::Null));
        let last = written(&prediction("succeeded", &output));
        let request = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
        let (asked, heard) = ask("meta/meta-llama-3-8b-instruct", &request, move |sent| {
            let body = if sent.method == "POST" { &first } else { &last };
            Answer::new(200).with_header("content-type", "application/json").with_body(body.clone())
        });
        assert_eq!((&heard.usage, heard.finish), (&Some(Usage::new(5, 7)), Some(Finish::Stop)));
        let reply = &heard.json()[0];
        assert_eq!(reply["choices"][0]["message"]["content"], "Hello!");
        assert_eq!(reply["created"], 1_795_955_696);
        // It is looked at where the library looks.
        let looked = judged(&[json!({"look": "gm3qorzdhgbfurvjtvhg6dckhu"})]).remove(0);
        let asked = asked.last().unwrap();
        assert_eq!(looked["asked"], format!("{} {}", asked.method, asked.uri));
    }
}

#[test]
fn a_failure_that_the_librarys_types_write_is_one() {
    for (status, kind) in [("failed", ErrorKind::Unavailable), ("canceled", ErrorKind::Interrupted)]
    {
        let mut failed = prediction(status, &Value::Null);
        failed["error"] = json!("CUDA out of memory");
        let failed = written(&failed);
        let request = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
        let (_, heard) = ask("a/b", &request, move |_| Answer::new(201).with_body(failed.clone()));
        assert_eq!(heard.error.unwrap().kind(), kind, "{status}");
    }
}

#[test]
fn the_library_reads_in_a_stream_what_a_client_is_told() {
    let mut streams = Vec::new();
    for case in fs::read_dir("tests/fixtures/replicate/chat").unwrap() {
        let path = case.unwrap().path();
        let Ok(first) = fs::read_to_string(path.join("first.http")) else { continue };
        let stream = fs::read_to_string(path.join("upstream.http")).unwrap();
        let [first, stream] =
            [first, stream].map(|http| http.split_once("\n\n").unwrap().1.to_owned());
        streams.push((path.display().to_string(), first, stream));
    }
    assert!(streams.len() > 4, "{}", streams.len());
    let cases: Vec<_> = streams.iter().map(|(.., stream)| json!({"hear": stream})).collect();
    for (theirs, (name, first, stream)) in judged(&cases).iter().zip(streams) {
        let request =
            json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": true});
        let (_, heard) = ask("a/b", &request, move |sent| {
            if sent.method == "POST" {
                return Answer::new(201).with_body(first.clone());
            }
            let events = Answer::new(200).with_header("content-type", "text/event-stream");
            events.with_body(stream.clone())
        });
        if let Some(words) = theirs["error"].as_str() {
            let error = heard.error.unwrap();
            assert!(error.message().unwrap().contains(words), "{name}: {error}");
        } else {
            let said = theirs["said"].as_array().unwrap().iter().filter_map(Value::as_str);
            let text = heard.message()["content"].as_str().unwrap_or_default().to_owned();
            assert_eq!(text, said.collect::<String>(), "{name}");
        }
    }
}
