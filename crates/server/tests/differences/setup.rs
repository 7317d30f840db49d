//! A gateway of some lines of configuration, at scripted vendors.

use ferro_core::Problem;
use ferro_gateway::{
    ChatRequest, ChatResponse, Config, Format, Gateway, GatewayBuilder, Registry, anonymous,
};
use ferro_scripted::{Builder, Events, Script, Shape, Upstream, refusal};

pub(crate) fn parsed(text: &str) -> Config {
    Config::parse(text, Format::Yaml).unwrap_or_else(|error| panic!("{error}"))
}

/// Where a file is refused, with the line.
pub(crate) fn refused_at(text: &str, format: Format) -> Vec<(String, usize)> {
    let error = Config::parse(text, format).unwrap_err();
    let found = error.diagnostics().iter().filter(|found| found.is_error());
    found.map(|found| (found.path.clone(), found.position.unwrap().line)).collect()
}

/// A target of this name, with these keys besides.
pub(crate) fn target(name: &str, upstream: &Upstream, keys: &str) -> String {
    let url = upstream.base_url();
    format!(
        "{{virtual_key: {name}, provider: openai-compatible, base_url: '{url}', models: [m]{}{keys}}}",
        if keys.is_empty() { "" } else { ", " }
    )
}

pub(crate) fn builder(text: &str) -> GatewayBuilder {
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let environment = |name: &str| (name == "TEAM").then(|| "search".to_owned());
    Gateway::builder().config(parsed(text)).registry(registry).environment(environment)
}

/// A gateway with this strategy, these targets, and these keys of the top level.
pub(crate) fn gateway(strategy: &str, targets: &[String], besides: &str) -> Gateway {
    let targets = targets.join(", ");
    let text = format!("strategy: {strategy}\ntargets: [{targets}]\n{besides}\n");
    builder(&text).build().unwrap()
}

pub(crate) async fn ask(gateway: &Gateway) -> Result<ChatResponse, Problem> {
    ask_saying(gateway, "user", "hi").await
}

pub(crate) async fn ask_saying(
    gateway: &Gateway,
    role: &str,
    text: &str,
) -> Result<ChatResponse, Problem> {
    let said = format!(r#"{{"model":"m","messages":[{{"role":"{role}","content":"{text}"}}]}}"#);
    let request = ChatRequest::parse(said.into_bytes()).unwrap();
    gateway.chat(request, anonymous()).await
}

/// The status that a request comes to.
pub(crate) async fn status(gateway: &Gateway) -> u16 {
    ask(gateway).await.map_or_else(|problem| problem.status.as_u16(), |_| 200)
}

/// A vendor that answers so, one after the other, and then as it should.
pub(crate) async fn answering(statuses: &[u16]) -> Upstream {
    let scripts = statuses.iter().map(|status| refusal(*status, Shape::OpenAi));
    scripts.fold(Upstream::builder(), Builder::script).start().await.unwrap()
}

/// A vendor that always answers so.
pub(crate) async fn always(status: u16) -> Upstream {
    let answers = move |_: &_| Script::from(refusal(status, Shape::OpenAi));
    Upstream::builder().answers(answers).start().await.unwrap()
}

/// A vendor that begins a stream, says one word, and then nothing.
pub(crate) async fn silent() -> Upstream {
    let stalled = Events::of_text(&["a", "b"]).stall_after(2);
    Upstream::builder().script(stalled).start().await.unwrap()
}
