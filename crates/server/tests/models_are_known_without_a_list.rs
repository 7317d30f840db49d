//! What models there are, and what can be done, where vendors list none: over real sockets, by the
//! catalogue and by the targets' own codecs.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod listening;

use ferro_gateway::{Doors, Registry};
use ferro_scripted::{Received, Reply, Upstream};
use listening::{Listening, configured};
use serde_json::{Value, json};

/// A gateway whose targets all live where nobody lists anything.
struct Setup {
    _upstream: Upstream,
    gateway: Listening,
}

async fn start(targets: &[(&str, &str, &str)]) -> Setup {
    let nothing = |_: &Received| Reply::json(404, r#"{"error":{"message":"no list here"}}"#).into();
    let upstream = Upstream::builder().answers(nothing).start().await.unwrap();
    let url = upstream.base_url();
    let targets = targets.iter().map(|(name, kind, more)| {
        format!(
            "- {{virtual_key: {name}, provider: {kind}, base_url: '{url}', api_key: sk-1{more}}}\n"
        )
    });
    let text = format!("strategy: {{mode: fallback}}\ntargets:\n{}", targets.collect::<String>());
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .providers(ferro_provider_anthropic::PROVIDERS)
        .providers(ferro_provider_azure::PROVIDERS)
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let gateway = Listening::start(configured(&text, registry).doors(Doors::open())).await;
    Setup { _upstream: upstream, gateway }
}

impl Setup {
    async fn get(&self, path: &str) -> Value {
        let answer = self.gateway.ask(&format!("GET {path}"), "", b"").await;
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Every model's owner, and who lists it.
    async fn models(&self) -> Vec<(String, String, String)> {
        let list = self.get("/v1/models").await;
        let models = list["data"].as_array().unwrap().iter();
        let text = |model: &Value, name: &str| model[name].as_str().unwrap().to_owned();
        models.map(|it| (text(it, "id"), text(it, "owned_by"), text(it, "listed_by"))).collect()
    }
}

#[tokio::test]
async fn a_target_that_lists_no_models_has_those_that_the_catalogue_knows_of_its_kind() {
    let targets = [("o", "openai", ""), ("p", "perplexity", ""), ("v", "vllm", "")];
    let setup = start(&targets).await;
    let models = setup.models().await;
    let has = |id: &str, owner: &str| {
        models.iter().any(|(own, by, listed)| own == id && by == owner && listed == "catalog")
    };
    assert!(has("gpt-4o", "o") && has("text-embedding-3-small", "o"), "{models:?}");
    assert!(has("sonar", "p"), "{models:?}");
    assert!(!models.iter().any(|(_, owner, _)| owner == "v"), "{models:?}");
    assert!(!models.iter().any(|(id, ..)| id == "gpt-4.5-preview"), "it answers nobody any more");
    let known = setup.get("/v1/models/gpt-4o").await;
    assert_eq!((&known["owned_by"], &known["listed_by"]), (&json!("o"), &json!("catalog")));
    assert_eq!(known["mode"], "chat");
    assert!(known["pricing"]["input"].is_string(), "{known}");
}

#[tokio::test]
async fn an_account_whose_models_are_deployed_has_none_that_nobody_lists() {
    let setup = start(&[("z", "azure-openai", ", settings: {api_version: v1}")]).await;
    assert_eq!(setup.models().await, []);
}

#[tokio::test]
async fn what_an_operator_lists_goes_before_the_catalogue() {
    let setup = start(&[("o", "openai", ", models: [gpt-4o, mine]"), ("a", "anthropic", "")]).await;
    let models = setup.models().await;
    let listed = |id: &str| models.iter().find(|(own, ..)| own == id).map(|(_, _, by)| by.as_str());
    assert_eq!((listed("gpt-4o"), listed("mine")), (Some("config"), Some("config")));
    assert_eq!(listed("gpt-4o-mini"), None, "the operator does not list it");
    let of_a = models.iter().filter(|(_, owner, _)| owner == "a");
    assert!(of_a.clone().count() > 0, "{models:?}");
    let is_catalogued =
        |(id, _, by): &(String, String, String)| id.starts_with("claude-") && by == "catalog";
    assert!(of_a.clone().all(is_catalogued), "{models:?}");
}

#[tokio::test]
async fn capabilities_tell_what_becomes_of_fields_and_in_which_form_images_come() {
    let targets = [("o", "openai", ""), ("d", "deepseek", ""), ("a", "anthropic", "")];
    let told = start(&targets).await.get("/v1/capabilities").await;
    let field = |target: &str, name: &str| told["providers"][target][name].clone();
    assert_eq!(field("o", "temperature"), "forward");
    assert_eq!(field("o", "stop"), "forward");
    assert_eq!(field("d", "user"), "translate", "it has another name for it");
    assert_eq!(field("d", "presence_penalty"), "unsupported");
    assert_eq!(field("a", "temperature"), "forward");
    assert_eq!(field("a", "stop"), "translate");
    assert_eq!(field("a", "seed"), "unsupported");
    assert_eq!(told["image_response_formats"], json!({"o": ["url", "b64_json"]}));
    let surfaces = told["targets"]["d"]["surfaces"].as_array().unwrap();
    assert!(surfaces.contains(&json!("text_completion")), "over chat: {surfaces:?}");
    assert!(!surfaces.contains(&json!("embeddings")), "{surfaces:?}");
}
