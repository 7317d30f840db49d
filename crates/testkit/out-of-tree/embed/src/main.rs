//! A program with the gateway inside: it asks through methods, serves it under a prefix of its own
//! server, runs a second one beside it, and hears how every request ended.
//!
//! Success is the exit code: whatever is not as it should be is an error, or a panic that says it.

mod own;
mod policy;

use std::{
    error::Error,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use ferro_core::{Payload, Provider, Stage, SurfaceKind, TargetId, Whole};
use ferro_gateway::{
    ChatRequest, Config, Doors, Event, Format, Gateway, REQUEST_COMPLETED, REQUEST_FAILED,
    RecordFormat, Registry, anonymous,
};
use ferro_scripted::{STREAM_TEXT, Upstream, WHOLE_TEXT};
use futures_util::StreamExt;
use serde_json::{Value, json};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// What the hooks heard.
type Heard = Arc<Mutex<Vec<&'static str>>>;

#[tokio::main]
async fn main() -> Done {
    let vendor = Upstream::start().await?;
    let (heard, also_heard) = (Heard::default(), Heard::default());
    let gateway = first(&vendor, [&heard, &also_heard])?;
    let second = second()?;

    questions(&gateway);
    answers(&gateway).await?;
    policies(&gateway, &second).await?;
    under_a_prefix(&gateway).await?;
    reloads(&gateway, &vendor)?;
    discovers(&gateway, &second).await?;
    ends(&gateway, &second, [heard, also_heard]).await;
    println!("every method of the library was used");
    Ok(())
}

fn registry() -> Registry {
    Registry::new()
        .ingress(&ferro_dialect_openai::INGRESS)
        .providers(ferro_provider_openai_compatible::PROVIDERS)
}

fn typed(vendor: &Upstream, weight: u32) -> Value {
    json!({
        "strategy": {"mode": "fallback"},
        "aliases": {"fast": "scripted"},
        "targets": [
            {"virtual_key": "main", "provider": "openai-compatible", "base_url": vendor.base_url(),
             "api_key": "${VENDOR_KEY}", "models": ["scripted", "error-500"], "weight": weight,
             "prices": {"*": {"input_per_m_tokens": 1.0, "output_per_m_tokens": 2.0}}},
            {"virtual_key": "keyless", "provider": "groq"},
        ],
    })
}

/// A gateway as an operator would configure it, from a file.
fn first(vendor: &Upstream, heard: [&Heard; 2]) -> Done<Gateway> {
    let file = std::env::temp_dir().join(format!("embed-{}.json", std::process::id()));
    fs::write(&file, typed(vendor, 1).to_string())?;
    let config = Config::load(&file);
    fs::remove_file(&file)?;
    let config = config?;
    let errors = config.validate().into_iter().filter(|found| found.is_error());
    assert_eq!(errors.count(), 0, "the file is as it should be");
    let hook = |heard: &Heard| {
        let heard = Arc::clone(heard);
        move |event: &Event| heard.lock().expect("no hook panics").push(event.subject())
    };
    let gateway = Gateway::builder()
        .config(config)
        .registry(registry())
        .environment(|name| (name == "VENDOR_KEY").then(|| "sk-vendor".to_owned()))
        .doors(Doors::open())
        .register_plugin(Stage::BeforeRequest, Arc::new(policy::NoSecrets))
        .add_hook(hook(heard[0]))
        .add_hook(hook(heard[1]))
        .log_records(std::io::sink(), RecordFormat::Json)
        .keep_records(10)
        .build()?;
    assert_eq!(gateway.explains_last(), 10);
    assert_eq!(gateway.skipped()[0].target, TargetId::from("keyless"));
    Ok(gateway)
}

/// A gateway in code: no file, a provider of the program's own, and other policy.
fn second() -> Done<Gateway> {
    let gateway = Gateway::builder()
        .registry(registry())
        .register_provider("own", own::provider()?)
        .register_plugin(Stage::BeforeRequest, Arc::new(policy::Nobody))
        .build()?;
    let contradiction =
        Config::parse("targets: [{virtual_key: a}, {virtual_key: a}]", Format::Yaml);
    assert!(contradiction.is_err(), "a name is taken once");
    let stranger = Gateway::builder()
        .config(Config::parse("targets: [{virtual_key: groq}]", Format::Yaml)?)
        .registry(registry())
        .register_provider("own", own::provider()?)
        .build();
    let reasons = stranger.err().map(|error| error.reasons().to_vec());
    assert!(reasons.is_some_and(|reasons| reasons[0].contains("`own`")), "it is no target's");
    Ok(gateway)
}

/// What can be asked without asking a vendor.
fn questions(gateway: &Gateway) {
    assert_eq!(gateway.providers(), [TargetId::from("main")]);
    let provider: Arc<dyn Provider> = gateway.provider("main").expect("it is a target");
    assert!(provider.chat().is_some());
    assert_eq!(gateway.resolve("fast", SurfaceKind::Chat)[0].target, TargetId::from("main"));
    assert!(gateway.models().iter().any(|model| model.id == "scripted"));
    assert_eq!(gateway.config().aliases["fast"], "scripted");
    assert!(gateway.ingresses().iter().any(|ingress| ingress.name == "openai"));
    assert!(!gateway.doors().is_open_to_this_machine);
    assert_eq!(gateway.engine().targets().len(), 1);
}

fn request(model: &str, text: &str) -> Done<ChatRequest> {
    let said = json!({"role": "user", "content": text});
    Ok(ChatRequest::of(&json!({"model": model, "messages": [said]}))?)
}

async fn answers(gateway: &Gateway) -> Done {
    gateway.mcp_ready().await;
    let caller = anonymous();
    let name = caller.request_id.clone();
    let whole = gateway.chat(request("fast", "hi")?, caller).await?;
    let explained = gateway.explain(&name).expect("it has ended");
    assert!(explained.summary[1].starts_with("It was served by `main`"), "{explained:?}");
    let reply: Value = whole.json()?;
    assert_eq!(reply["choices"][0]["message"]["content"], WHOLE_TEXT);
    assert_eq!(whole.usage().map(|usage| usage.prompt_tokens), Some(9));

    let mut events = gateway.chat_stream(request("fast", "hi")?, anonymous()).await?;
    let mut text = String::new();
    while let Some(event) = events.next().await {
        let chunk: Value = event?.json()?;
        text.push_str(chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
    }
    assert_eq!(text, STREAM_TEXT.concat());

    let left = gateway.chat_stream(request("fast", "hi")?, anonymous()).await?;
    drop(left); // the third request, which failed: its client is gone
    let refused = gateway.chat(request("error-500", "hi")?, anonymous()).await;
    assert_eq!(refused.err().map(|problem| problem.status.as_u16()), Some(502));
    Ok(())
}

/// Two gateways in one process have each their own policy.
async fn policies(gateway: &Gateway, second: &Gateway) -> Done {
    let told = gateway.chat(request("fast", "my secret")?, anonymous()).await;
    assert_eq!(
        told.err().map(|problem| problem.code.into_owned()),
        Some("request_rejected".into())
    );
    let nobody = second.chat(request("any", "hi")?, anonymous()).await;
    assert_eq!(nobody.err().map(|problem| problem.status.as_u16()), Some(403));
    Ok(())
}

/// The router stands at a path of the program's own server.
async fn under_a_prefix(gateway: &Gateway) -> Done {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let own = Router::new().nest("/ai", ferro_http::router(gateway.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, own).await });

    let (origin, _) = ferro_core::Origin::split(&format!("http://{address}"))?;
    let client = ferro_transport::Connector::new();
    let client = client.upstream(&origin, ferro_transport::Timeouts::default());
    let body = request("fast", "hi")?.to_rope();
    let asked = http::Request::post("/ai/v1/chat/completions").body(Payload::from(body))?;
    let answer = client.send(asked).await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-gateway-provider"], "main");
    let mut pieces = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece?);
    }
    let reply: Value = serde_json::from_slice(&bytes)?;
    assert_eq!(reply["provider"], "main");
    Ok(())
}

fn reloads(gateway: &Gateway, vendor: &Upstream) -> Done {
    let config = Config::parse(&typed(vendor, 2).to_string(), Format::Json)?;
    let report = gateway.reload(config)?;
    assert_eq!(report.changed, [TargetId::from("main")]);
    assert!(report.added.is_empty() && report.removed.is_empty());
    Ok(())
}

async fn discovers(gateway: &Gateway, second: &Gateway) -> Done {
    assert!(gateway.start_discovery(Duration::ZERO).is_err(), "an interval is longer than zero");
    gateway.start_discovery(Duration::from_secs(3600))?;
    gateway.discover().await;
    assert!(gateway.has_discovered() && !second.has_discovered());
    assert!(gateway.models().iter().any(|model| model.created.is_some()));
    Ok(())
}

/// Everybody has heard everything once, and ending twice is fine.
async fn ends(gateway: &Gateway, second: &Gateway, heard: [Heard; 2]) {
    for gateway in [gateway, gateway, second] {
        gateway.shutdown(Duration::from_secs(10)).await;
    }
    let (served, not) = (REQUEST_COMPLETED, REQUEST_FAILED);
    for heard in heard {
        let heard = heard.lock().expect("no hook panics");
        assert_eq!(*heard, [served, served, not, not, not, served], "each request, once, in order");
    }
}
