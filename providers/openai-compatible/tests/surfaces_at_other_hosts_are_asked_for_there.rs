//! A vendor with a host for a surface is asked there; all of it at one place where an operator says which.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ferro_core::{
    ErrorKind, Surface, Upstream,
    document::{DocumentRequest, Rerank},
    upload::{Transcriptions, Upload, UploadRequest},
};
use ferro_provider_openai_compatible::PROVIDERS;
use ferro_testkit::{Answer, Asker, Clock, Heard, Script};
use http::HeaderValue;
use serde_json::json;

/// Where a request for `model` goes, by URL and key, and what is heard of it.
fn ask<S: Surface>(
    (kind, variable): (&str, &str),
    place: Option<(&str, &str)>,
    model: &str,
    request: &S::Request,
) -> (Vec<String>, Heard) {
    let row = PROVIDERS.iter().find(|factory| factory.describe().kind == kind).unwrap();
    let vars: Vec<_> = [(variable, "key-12345678")].into_iter().chain(place).collect();
    Clock::run(async |_| {
        let asker = Asker::new(*row, &vars, json!({})).await;
        let script = || Arc::new(Script::always(Answer::new(401)));
        let hosts: Vec<_> =
            asker.built.others.iter().map(|(name, origin)| (*name, origin, script())).collect();
        let others: Vec<(&str, Arc<dyn Upstream>)> =
            hosts.iter().map(|(name, _, script)| (*name, Arc::clone(script) as _)).collect();
        let (first, elsewhere) = (script(), Script::always(Answer::new(404)));
        let cx = asker.context(model, &*first, &elsewhere).with_others(&others);
        let heard = asker.ask::<S>(&cx, request).await;
        assert!(elsewhere.sent().is_empty());
        let hosts = hosts.iter().map(|(_, origin, script)| (*origin, script));
        let hosts = hosts.chain([(&asker.built.origin, &first)]);
        let urls = hosts.flat_map(|(origin, script)| {
            script.sent().into_iter().map(move |sent| {
                assert_eq!(sent.headers["authorization"], "Bearer key-12345678");
                format!("{origin}{}", sent.uri)
            })
        });
        (urls.collect(), heard)
    })
}

#[test]
fn rankings_are_asked_of_nvidias_retrieval() {
    let request = json!({"model": "m", "query": "q", "documents": ["d"]}).to_string();
    let request = DocumentRequest::<Rerank>::parse(request.into_bytes()).unwrap();
    let own = Some(("NVIDIA_NIM_BASE_URL", "http://gpu:8000"));
    for (place, url) in [
        (None, "https://ai.api.nvidia.com/v1/retrieval/nvidia/reranking"),
        (own, "http://gpu:8000/v1/ranking"),
    ] {
        let kind = ("nvidia-nim", "NVIDIA_NIM_API_KEY");
        let (asked, heard) = ask::<Rerank>(kind, place, "m", &request);
        assert_eq!(asked, [url]);
        assert_eq!(heard.error.unwrap().kind(), ErrorKind::Unauthorized);
    }
}

#[test]
fn fireworks_hears_each_model_at_a_host_of_its_own() {
    const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n\
        --b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--\r\n";
    let form = HeaderValue::from_static("multipart/form-data; boundary=b");
    let request = UploadRequest::form(Upload::parse(form, FORM).unwrap()).unwrap();
    let kind = ("fireworks", "FIREWORKS_API_KEY");
    let own = Some(("FIREWORKS_BASE_URL", "http://proxy:1/inference/v1"));
    let long = "accounts/fireworks/models/whisper-v3";
    for (place, model, url) in [
        (None, "whisper-v3", "https://audio-prod.api.fireworks.ai/v1/audio/transcriptions"),
        (None, long, "https://audio-prod.api.fireworks.ai/v1/audio/transcriptions"),
        (None, "whisper-v3-turbo", "https://audio-turbo.api.fireworks.ai/v1/audio/transcriptions"),
        (own, "anything", "http://proxy:1/inference/v1/audio/transcriptions"),
    ] {
        let (asked, _) = ask::<Transcriptions>(kind, place, model, &request);
        assert_eq!(asked, [url], "{model}");
    }
    let (asked, heard) = ask::<Transcriptions>(kind, None, "llama-v3", &request);
    let error = heard.error.unwrap();
    assert_eq!((asked.len(), error.kind(), error.field()), (0, ErrorKind::Invalid, Some("model")));
    assert!(error.message().unwrap().contains("`llama-v3`"), "{error}");
}
