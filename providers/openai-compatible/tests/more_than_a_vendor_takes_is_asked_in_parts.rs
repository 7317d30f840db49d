//! Embeddings of more inputs than a vendor takes at once: asked in parts, one reply; and one part that
//! fails fails the whole.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use ferro_core::{
    BuildContext, Call, CallContext, CredentialContext, ErrorKind, ProviderError, ReplyBody,
    Settings, TargetId, Usage, Whole,
    document::{DocumentReply, DocumentRequest, Embeddings},
};
use ferro_provider_openai_compatible::PROVIDERS;
use ferro_testkit::{Answer, Clock, Script};
use http::HeaderMap;
use serde_json::{Value, json};

/// Asks Qwen, which takes ten at once, for this many.
fn ask(inputs: usize, upstream: &Script) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars = |name: &str| (name == "QWEN_API_KEY").then(|| "key-12345678".to_owned());
    let cx = BuildContext::new(&target, &headers, &vars);
    let row = PROVIDERS.iter().find(|factory| factory.describe().kind == "qwen").unwrap();
    let built = row.build(&cx, Settings::default()).unwrap();
    let inputs: Vec<_> = (0..inputs).map(|input| input.to_string()).collect();
    let body = json!({"model": "text-embedding-v4", "input": inputs, "dimensions": 64});
    let request = DocumentRequest::parse(body.to_string().into_bytes()).unwrap();
    Clock::run(async |_| {
        let cx = CredentialContext::new(upstream, upstream);
        let credential = built.credentials.current(&cx).await.unwrap();
        let call = Call::new(&target, "text-embedding-v4");
        let cx = CallContext::new(call, upstream, upstream, &credential);
        let reply = built.provider.embeddings().unwrap().serve(&cx, &request).await?;
        let ReplyBody::Whole(whole) = reply.body else { panic!("it is a stream") };
        Ok(whole)
    })
}

/// A vendor whose vector of an input is the number that the input says.
fn answer(body: &[u8]) -> Answer {
    let asked: Value = serde_json::from_slice(body).unwrap();
    let inputs = asked["input"].as_array().unwrap();
    let vector = |input: &Value| vec![input.as_str().unwrap().parse::<f64>().unwrap()];
    let items = inputs.iter().enumerate();
    let data: Vec<_> =
        items.map(|(index, input)| json!({"index": index, "embedding": vector(input)})).collect();
    let tokens = inputs.len();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    let reply = json!({"object": "list", "data": data, "model": "m", "usage": usage});
    Answer::new(200).with_header("content-type", "application/json").with_body(reply.to_string())
}

#[test]
fn parts_are_as_large_as_may_be_and_their_vectors_come_in_order() {
    let upstream = Script::new(|sent| answer(&sent.body));
    let reply = ask(25, &upstream).unwrap();
    let sizes: Vec<_> = upstream
        .sent()
        .iter()
        .map(|sent| {
            let asked: Value = serde_json::from_slice(&sent.body).unwrap();
            assert_eq!(asked["dimensions"], 64, "what else is asked is asked of each");
            asked["input"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(reply.usage(), Some(Usage::new(25, 0)));
    let body: Value = reply.json().unwrap();
    assert_eq!(body["usage"], json!({"prompt_tokens": 25, "total_tokens": 25}));
    let data = body["data"].as_array().unwrap();
    assert_eq!(data.len(), 25);
    for (index, item) in data.iter().enumerate() {
        let number = serde_json::Number::from_f64(index as f64);
        assert_eq!((&item["index"], &item["embedding"]), (&json!(index), &json!([number])));
    }
}

#[test]
fn as_many_as_it_takes_are_one_request() {
    let upstream = Script::new(|sent| answer(&sent.body));
    ask(10, &upstream).unwrap();
    assert_eq!(upstream.sent().len(), 1);
}

#[test]
fn a_part_that_fails_fails_the_whole_with_its_own_words() {
    let upstream = Script::new(|sent| {
        let is_last = String::from_utf8_lossy(&sent.body).contains("\"24\"");
        let refusal = r#"{"error":{"message":"Input 24 is too long."}}"#;
        if is_last { Answer::new(400).with_body(refusal) } else { answer(&sent.body) }
    });
    let error = ask(25, &upstream).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Invalid, Some("Input 24 is too long."))
    );
}
