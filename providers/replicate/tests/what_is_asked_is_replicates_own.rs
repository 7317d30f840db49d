//! Replicate's own library is the judge: it would ask the same, what its types write is understood, and
//! it reads in a stream what a client is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{fs, path::Path, sync::Arc};

use ferro_core::{
    BuildContext, Call, CallContext, CredentialContext, ErrorKind, Finish, ProviderError,
    ReplyBody, Settings, TargetId, Upstream, Usage, Whole, chat::ChatRequest,
};
use ferro_provider_replicate::PROVIDERS;
use ferro_testkit::{Answer, Clock, Script, Sent, oracle};
use futures_util::StreamExt;
use http::HeaderMap;
use serde_json::{Value, json};

const TOKEN: &str = "token";

fn judged(cases: &[Value]) -> Vec<Value> {
    oracle(Path::new("tests/oracle.py"), cases)
}

/// What comes of a request: what was asked, and what was heard.
struct Heard {
    asked: Vec<Sent>,
    text: String,
    usage: Option<Usage>,
    finish: Option<Finish>,
    error: Option<ProviderError>,
}

/// Asks for a reply of `model`; the API answers like this.
fn ask(
    model: &str,
    request: &Value,
    api: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> Heard {
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars = |name: &str| (name == "REPLICATE_API_TOKEN").then(|| TOKEN.to_owned());
    let cx = BuildContext::new(&target, &headers, &vars);
    let built = PROVIDERS[0].build(&cx, Settings::default()).unwrap();
    let request = ChatRequest::of(request).unwrap();
    let api = Arc::new(Script::new(api));
    let others: [(&str, Arc<dyn Upstream>); 1] = [("api", Arc::clone(&api) as _)];
    Clock::run(async |_| {
        let cx = CredentialContext::new(&*api, &*api);
        let credential = built.credentials.current(&cx).await.unwrap();
        let call = Call::new(&target, model);
        let cx = CallContext::new(call, &*api, &*api, &credential).with_others(&others);
        let reply = built.provider.chat().unwrap().serve(&cx, &request).await;
        let (mut text, mut usage, mut finish, mut error) = (Vec::new(), None, None, None);
        match reply.map(|reply| reply.body) {
            Ok(ReplyBody::Whole(whole)) => {
                (usage, finish) = (whole.usage(), whole.finish());
                text.extend_from_slice(&whole.into_body().to_bytes());
            }
            Ok(ReplyBody::Stream(mut frames) | ReplyBody::Bytes(mut frames)) => {
                while let Some(frame) = frames.next().await {
                    match frame {
                        Ok(frame) => {
                            (usage, finish) = (frame.usage.or(usage), frame.finish.or(finish));
                            text.extend_from_slice(&frame.bytes);
                        }
                        Err(failed) => error = Some(failed),
                    }
                }
            }
            Err(failed) => error = Some(failed),
        }
        Heard { asked: api.sent(), text: String::from_utf8(text).unwrap(), usage, finish, error }
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
            let heard = ask(model, &request, refusal);
            let body: Value = serde_json::from_slice(&heard.asked[0].body).unwrap();
            cases.push(json!({"ask": {"model": model, "stream": stream, "input": body["input"]}}));
            own.push((heard.asked[0].clone(), body));
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
        let heard = ask("meta/meta-llama-3-8b-instruct", &request, move |sent| {
            let body = if sent.method == "POST" { &first } else { &last };
            Answer::new(200).with_header("content-type", "application/json").with_body(body.clone())
        });
        assert_eq!((heard.usage, heard.finish), (Some(Usage::new(5, 7)), Some(Finish::Stop)));
        let reply: Value = serde_json::from_str(&heard.text).unwrap();
        assert_eq!(reply["choices"][0]["message"]["content"], "Hello!");
        assert_eq!(reply["created"], 1_795_955_696);
        // It is looked at where the library looks.
        let looked = judged(&[json!({"look": "gm3qorzdhgbfurvjtvhg6dckhu"})]).remove(0);
        let asked = heard.asked.last().unwrap();
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
        let heard = ask("a/b", &request, move |_| Answer::new(201).with_body(failed.clone()));
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
        let heard = ask("a/b", &request, move |sent| {
            if sent.method == "POST" {
                return Answer::new(201).with_body(first.clone());
            }
            let events = Answer::new(200).with_header("content-type", "text/event-stream");
            events.with_body(stream.clone())
        });
        let data = heard.text.lines().filter_map(|line| line.strip_prefix("data: "));
        let chunks = data.filter_map(|json| serde_json::from_str::<Value>(json).ok());
        let pieces = chunks.map(|chunk| chunk["choices"][0]["delta"]["content"].clone());
        let text: String = pieces.filter_map(|piece| piece.as_str().map(str::to_owned)).collect();
        if let Some(words) = theirs["error"].as_str() {
            let error = heard.error.unwrap();
            assert!(error.message().unwrap().contains(words), "{name}: {error}");
        } else {
            let said = theirs["said"].as_array().unwrap().iter().filter_map(Value::as_str);
            assert_eq!(text, said.collect::<String>(), "{name}");
        }
    }
}
