//! What the rows promise: where their requests go, and in what bytes.

use std::sync::Mutex;

use async_trait::async_trait;
use ferro_core::{
    BuildContext, Call, CallContext, ErrorKind, Inflow, Owns, Payload, Provider, ProviderError,
    ProviderFactory, Secret, Settings, SurfaceKind, TargetId, Transport, Upstream, Wire,
    chat::ChatRequest, document::DocumentRequest,
};
use ferro_dialect_openai::Vendor;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use serde_json::Value;

use super::PROVIDERS;
use crate::{gateways::*, local::*, vendors::*};

/// Notes where a request goes, and does not answer it.
#[derive(Debug, Default)]
struct Nowhere(Mutex<String>);

#[async_trait]
impl Upstream for Nowhere {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        *self.0.lock().unwrap() = request.uri().to_string();
        Err(ProviderError::new(ErrorKind::Transport))
    }
}

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        unreachable!("nothing else is asked")
    }
}

fn row(kind: &str) -> &'static dyn ProviderFactory {
    *PROVIDERS.iter().find(|row| row.describe().kind == kind).unwrap()
}

/// What a row is asked for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Chat,
    Models,
    Responses,
    Messages,
    CountTokens,
    Rerank,
}

/// Where a row with these variables sends a chat request.
fn place(kind: &str, vars: &[(&str, &str)]) -> Result<String, String> {
    ask(kind, vars, Asked::Chat)
}

fn ask(kind: &str, vars: &[(&str, &str)], asked: Asked) -> Result<String, String> {
    let (target, headers, key) = (TargetId::from("t"), HeaderMap::new(), Secret::new("sk-1"));
    let vars = |name: &str| {
        vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned())
    };
    let cx = BuildContext::new(&target, &headers, &vars).with_api_key(Some(&key));
    let built = row(kind).build(&cx, Settings::default()).map_err(|error| error.to_string())?;
    let (nowhere, credential) = (Nowhere::default(), built.credentials.at_hand().unwrap());
    let cx = CallContext::new(Call::new(&target, "m"), &nowhere, &nowhere, &credential)
        .with_max_reply(1);
    match asked {
        Asked::Chat => {
            let request = ChatRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec()).unwrap();
            let reply = built.provider.chat().unwrap().serve(&cx, &request).now_or_never();
            reply.unwrap().unwrap_err();
        }
        Asked::Responses => {
            let body = br#"{"model":"m","input":"x"}"#.to_vec();
            let request = DocumentRequest::parse(body).unwrap();
            let Some(serve) = built.provider.responses() else { return Err("none".into()) };
            serve.serve(&cx, &request).now_or_never().unwrap().unwrap_err();
        }
        Asked::Messages => {
            let body = br#"{"model":"m","max_tokens":1,"messages":[{}]}"#.to_vec();
            let request = DocumentRequest::parse(body).unwrap();
            let Some(serve) = built.provider.messages() else { return Err("none".into()) };
            serve.serve(&cx, &request).now_or_never().unwrap().unwrap_err();
        }
        Asked::CountTokens => {
            let request =
                DocumentRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec()).unwrap();
            let Some(serve) = built.provider.count_tokens() else { return Err("none".into()) };
            serve.serve(&cx, &request).now_or_never().unwrap().unwrap_err();
        }
        Asked::Rerank => {
            let body = br#"{"model":"m","query":"q","documents":["d"]}"#.to_vec();
            let request = DocumentRequest::parse(body).unwrap();
            let Some(serve) = built.provider.rerank() else { return Err("none".into()) };
            serve.serve(&cx, &request).now_or_never().unwrap().unwrap_err();
        }
        Asked::Models => {
            let Some(discover) = built.provider.discover() else { return Err("no list".into()) };
            discover.models(&cx).now_or_never().unwrap().unwrap_err();
        }
    }
    let path = nowhere.0.lock().unwrap().clone();
    Ok(format!("{}{path}", built.origin))
}

#[test]
fn every_form_of_a_base_url_in_use_leads_to_the_same_place() {
    for (kind, variable, forms) in [
        (
            "groq",
            "GROQ_BASE_URL",
            ["https://api.groq.com/openai", "https://api.groq.com/openai/v1"],
        ),
        (
            "fireworks",
            "FIREWORKS_BASE_URL",
            ["https://api.fireworks.ai/inference", "https://api.fireworks.ai/inference/v1/"],
        ),
        ("mistral", "MISTRAL_BASE_URL", ["https://api.mistral.ai", "https://api.mistral.ai/v1"]),
        (
            "deepseek",
            "DEEPSEEK_BASE_URL",
            ["https://api.deepseek.com", "https://api.deepseek.com/v1"],
        ),
        (
            "together",
            "TOGETHER_BASE_URL",
            ["https://api.together.ai/", "https://api.together.ai/v1"],
        ),
        (
            "hugging-face",
            "HUGGING_FACE_ENDPOINT",
            ["https://router.huggingface.co", "https://router.huggingface.co/v1/chat/completions"],
        ),
        (
            "perplexity",
            "PERPLEXITY_BASE_URL",
            ["https://api.perplexity.ai", "https://api.perplexity.ai/"],
        ),
    ] {
        let default = place(kind, &[]).unwrap();
        for form in forms {
            assert_eq!(place(kind, &[(variable, form)]).unwrap(), default, "{kind} {form}");
        }
    }
    let older = place("together", &[("TOGETHER_BASE_URL", "https://api.together.xyz")]).unwrap();
    assert_eq!(older, "https://api.together.xyz/v1/chat/completions");
}

#[test]
fn vendors_that_live_where_an_operator_says_are_found() {
    for (kind, vars, expected) in [
        (
            "cloudflare",
            &[("CLOUDFLARE_ACCOUNT_ID", "a1")][..],
            "https://api.cloudflare.com/client/v4/accounts/a1/ai/v1/chat/completions",
        ),
        (
            "cloudflare",
            &[("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1/ai/v1")],
            "http://127.0.0.1:1/ai/v1/chat/completions",
        ),
        (
            "databricks",
            &[("DATABRICKS_HOST", "https://adb-1.azuredatabricks.example")],
            "https://adb-1.azuredatabricks.example/serving-endpoints/chat/completions",
        ),
        ("vllm", &[("VLLM_BASE_URL", "http://gpu:8000/v1")], "http://gpu:8000/v1/chat/completions"),
    ] {
        assert_eq!(place(kind, vars).unwrap(), expected, "{kind}");
    }
    for (kind, variable) in [
        ("cloudflare", "CLOUDFLARE_ACCOUNT_ID"),
        ("databricks", "DATABRICKS_HOST"),
        ("openai-compatible", "base_url"),
    ] {
        let error = place(kind, &[]).unwrap_err();
        assert!(error.contains(variable), "{kind}: {error}");
    }
    place("cloudflare", &[("CLOUDFLARE_ACCOUNT_ID", "a/../b")]).unwrap_err();
}

#[test]
fn every_row_with_a_root_can_be_built_from_its_key_alone() {
    for row in PROVIDERS.iter().map(|row| row.describe()) {
        let has_chat = row.surfaces.contains(&SurfaceKind::Chat);
        if !has_chat || row.base_url.is_empty() || row.base_url.contains('{') {
            continue;
        }
        let place = place(row.kind, &[]).unwrap();
        assert_eq!(place, format!("{}/chat/completions", row.base_url), "{}", row.kind);
    }
}

/// A vendor, its variables, and where its responses and its messages are, if they are anywhere.
type Doors<'a> =
    (&'a str, &'a [(&'a str, &'a str)], Result<&'a str, &'a str>, Result<&'a str, &'a str>);

fn each_is_asked_at_its_doors(rows: &[Doors<'_>]) {
    for (kind, vars, responses, messages) in rows {
        for (asked, place) in [(Asked::Responses, responses), (Asked::Messages, messages)] {
            let found = ask(kind, vars, asked);
            assert_eq!(&found.as_deref().map_err(|why| &**why), place, "{kind}, {asked:?}");
        }
    }
}

#[test]
fn responses_and_messages_are_asked_for_where_each_vendor_has_them() {
    each_is_asked_at_its_doors(&[
        ("groq", &[], Ok("https://api.groq.com/openai/v1/responses"), Err("none")),
        (
            "fireworks",
            &[],
            Ok("https://api.fireworks.ai/inference/v1/responses"),
            Ok("https://api.fireworks.ai/inference/v1/messages"),
        ),
        (
            "moonshot",
            &[],
            Ok("https://api.moonshot.ai/v1/responses"),
            Ok("https://api.moonshot.ai/anthropic/v1/messages"),
        ),
        ("moonshot-cn", &[], Err("none"), Err("none")),
        (
            "minimax",
            &[],
            Ok("https://api.minimax.io/v1/responses"),
            Ok("https://api.minimax.io/anthropic/v1/messages"),
        ),
        (
            "qwen",
            &[],
            Ok("https://dashscope-intl.aliyuncs.com/compatible-mode/v1/responses"),
            Ok("https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages"),
        ),
        (
            "hugging-face",
            &[],
            Ok("https://router.huggingface.co/v1/responses"),
            Ok("https://router.huggingface.co/v1/messages"),
        ),
        ("deepinfra", &[], Err("none"), Ok("https://api.deepinfra.com/anthropic/v1/messages")),
        ("together", &[], Err("none"), Ok("https://api.together.ai/v1/messages")),
        (
            "sambanova",
            &[],
            Ok("https://api.sambanova.ai/v1/responses"),
            Ok("https://api.sambanova.ai/v1/messages"),
        ),
        ("novita", &[], Err("none"), Ok("https://api.novita.ai/anthropic/v1/messages")),
        ("perplexity", &[], Ok("https://api.perplexity.ai/v1/responses"), Err("none")),
        ("baseten", &[], Err("none"), Ok("https://inference.baseten.co/v1/messages")),
        (
            "friendliai",
            &[],
            Ok("https://api.friendli.ai/serverless/v1/responses"),
            Ok("https://api.friendli.ai/serverless/v1/messages"),
        ),
        ("z-ai", &[], Err("none"), Ok("https://api.z.ai/api/anthropic/v1/messages")),
    ]);
}

#[test]
fn responses_and_messages_are_asked_for_where_an_operator_says() {
    let databricks = [("DATABRICKS_HOST", "https://dbc.example")];
    let (lmstudio, vllm) =
        ([("LMSTUDIO_BASE_URL", "studio")], [("VLLM_BASE_URL", "http://vllm:8000")]);
    each_is_asked_at_its_doors(&[
        (
            "databricks",
            &databricks,
            Ok("https://dbc.example/serving-endpoints/responses"),
            Ok("https://dbc.example/serving-endpoints/anthropic/v1/messages"),
        ),
        (
            "lmstudio",
            &lmstudio,
            Ok("http://studio:1234/v1/responses"),
            Ok("http://studio:1234/v1/messages"),
        ),
        ("vllm", &vllm, Ok("http://vllm:8000/v1/responses"), Ok("http://vllm:8000/v1/messages")),
    ]);
}

#[test]
fn tokens_are_counted_and_documents_ranked_where_each_vendor_does() {
    let servers = [("vllm", "VLLM"), ("sglang", "SGLANG"), ("llama-cpp", "LLAMA_CPP")];
    for (kind, name) in servers {
        let variable = format!("{name}_BASE_URL");
        let found = ask(kind, &[(&variable, "http://gpu:1")], Asked::CountTokens);
        assert_eq!(found.as_deref(), Ok("http://gpu:1/v1/messages/count_tokens"), "{kind}");
    }
    let counted = ask("sambanova", &[], Asked::CountTokens);
    assert_eq!(counted.as_deref(), Ok("https://api.sambanova.ai/v1/messages/count_tokens"));
    assert!(
        ask("openrouter", &[], Asked::CountTokens).is_err(),
        "it has messages, and counts none"
    );
    for (kind, vars, place) in [
        ("deepinfra", &[][..], "https://api.deepinfra.com/v1/inference/m"),
        (
            "deepinfra",
            &[("DEEPINFRA_BASE_URL", "http://proxy:1/v1/openai")],
            "http://proxy:1/v1/inference/m",
        ),
        ("heroku", &[], "https://us.inference.heroku.com/v1/rerank"),
        ("openrouter", &[], "https://openrouter.ai/api/v1/rerank"),
    ] {
        assert_eq!(ask(kind, vars, Asked::Rerank).as_deref(), Ok(place), "{kind}");
    }
}

#[test]
fn vendors_that_list_their_models_are_asked_below_the_root() {
    for (kind, list) in [
        ("together", Ok("https://api.together.ai/v1/models")),
        ("groq", Ok("https://api.groq.com/openai/v1/models")),
        ("hugging-face", Ok("https://router.huggingface.co/v1/models")),
        ("ai21", Err("no list")),
        ("perplexity", Err("no list")),
    ] {
        let asked = ask(kind, &[], Asked::Models);
        assert_eq!(asked.as_deref().map_err(|why| &**why), list, "{kind}");
    }
}

/// What `vendor` is sent for `body`, and what it cannot be told of it.
fn said(vendor: &Vendor, body: &str) -> (String, Vec<String>) {
    let wire = vendor.wire("", HeaderMap::new());
    let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
    let (target, model) = (TargetId::from("t"), ferro_core::Subject::model(&request).to_owned());
    let call = Call::new(&target, &model);
    let (outbound, _) = wire.encode(&call, &request).unwrap();
    let Payload::Rope(sent) = outbound.into_body() else { panic!("bytes that are held") };
    let unsaid = wire.unsaid(&call, &request).into_iter().map(|unsaid| unsaid.0.into_owned());
    (String::from_utf8(sent.to_bytes().to_vec()).unwrap(), unsaid.collect())
}

/// Everything that some vendor is particular about.
const ODD: &str = r#"{"model":"m", "seed": 12345678901234567890123,"user":"u","max_tokens":9,"max_completion_tokens":5,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},"presence_penalty":1e0,"tools":[],"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"name":"n"},{"role":"assistant","content":null,"reasoning_content":"r","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{ }"}}]},{"role":"tool","tool_call_id":"call_1","content":"c"}],"x":{"y":[1e2]}}"#;

#[test]
fn vendors_that_judge_for_themselves_are_sent_every_byte() {
    for vendor in [&OPENAI_COMPATIBLE, &OPENROUTER, &VLLM] {
        assert_eq!(said(vendor, ODD), (ODD.to_owned(), vec![]), "{}", vendor.kind);
    }
}

#[test]
fn mistral_is_sent_what_it_takes() {
    let (sent, unsaid) = said(&MISTRAL, ODD);
    let id = &sent[sent.find(r#"[{"id":""#).unwrap() + 8..][..9];
    let expected = r#"{"model":"m", "max_tokens":5,"presence_penalty":1e0,"stream":true,"messages":[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"","tool_calls":[{"id":"ID","type":"function","function":{"name":"f","arguments":"{ }"}}]},{"role":"tool","tool_call_id":"ID","content":"c"}],"x":{"y":[1e2]},"random_seed":12345678901234567890123}"#;
    assert_eq!(sent, expected.replace("ID", id));
    assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    assert_eq!(
        unsaid,
        [
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "user",
            "messages[].name",
            "messages[].reasoning_content"
        ]
    );
}

#[test]
fn deepseek_is_sent_what_it_takes() {
    let (sent, unsaid) = said(&DEEPSEEK, ODD);
    let expected = ODD
        .replace(r#""user":"u","max_tokens":9,"max_completion_tokens":5,"#, r#""max_tokens":5,"#)
        .replace(r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#, r#""a\nb""#)
        .replace("developer", "system")
        .replace(r#""x":{"y":[1e2]}"#, r#""x":{"y":[1e2]},"user_id":"u""#);
    assert_eq!(sent, expected);
    assert_eq!(unsaid, ["presence_penalty"]);
}

#[test]
fn groq_together_and_ollama_differ_in_what_they_say_they_differ_in() {
    let (sent, unsaid) = said(&GROQ, ODD);
    let expected = ODD
        .replace(r#""logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},"#, "")
        .replace("developer", "system")
        .replace(r#","name":"n""#, "")
        .replace(r#""reasoning_content":"r","#, "");
    assert_eq!(sent, expected);
    assert_eq!(unsaid.len(), 6, "{unsaid:?}");

    let (sent, unsaid) = said(&TOGETHER, ODD);
    let counted = ODD.replace(r#""logprobs":true,"top_logprobs":2"#, r#""logprobs":2"#);
    assert_eq!(sent, counted.replace("developer", "system"));
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn names_tell_whose_models_they_are() {
    let owns = |kind: &str, model: &str| {
        let (target, headers, key) = (TargetId::from("t"), HeaderMap::new(), Secret::new("sk-1"));
        let cx = BuildContext::new(&target, &headers, &|_| None)
            .with_base_url(Some("http://h/v1"))
            .with_api_key(Some(&key));
        let provider = row(kind).build(&cx, Settings::default()).unwrap().provider;
        Provider::owns(&*provider, model)
    };
    for (kind, model, expected) in [
        ("deepseek", "deepseek-chat", Owns::Yes),
        ("deepseek", "gpt-4o", Owns::No),
        ("mistral", "magistral-medium-latest", Owns::Yes),
        ("mistral", "mixtral-8x7b-32768", Owns::No),
        ("xai", "Grok-4", Owns::Yes),
        ("groq", "anything", Owns::Any),
        ("openai-compatible", "anything", Owns::Any),
    ] {
        assert_eq!(owns(kind, model), expected, "{kind} {model}");
    }
}

#[test]
fn every_row_says_what_it_asks_in_json() {
    for vendor in [&CEREBRAS, &COHERE_OPENAI, &GITHUB_MODELS, &MINIMAX, &SAMBANOVA, &XAI, &ZHIPU] {
        let (sent, _) = said(vendor, ODD);
        serde_json::from_str::<Value>(&sent).unwrap_or_else(|e| panic!("{}: {e}", vendor.kind));
    }
}
