//! The list of models, as clients of either shape read it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use async_trait::async_trait;
use axum::{Router, body::Body, response::Response};
use ferro_core::{
    Built, Call, CallContext, Credential, ErrorKind, Origin, Provider, ProviderError, Reply, Serve,
    StaticCredential, Unsaid,
    chat::{Chat, ChatRequest},
};
use ferro_gateway::{Config, Doors, Format, Gateway, Registry};
use ferro_http::router;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// A provider that is told of everything but seeds.
#[derive(Debug)]
struct Seedless;

impl Provider for Seedless {
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for Seedless {
    async fn serve(
        &self,
        _: &CallContext<'_>,
        _: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        Err(ProviderError::new(ErrorKind::Overloaded))
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        let has_seed = request.doc().get::<u64>("seed").ok().flatten().is_some();
        has_seed.then(|| Unsaid("seed".into())).into_iter().collect()
    }
}

fn plane(doors: Doors) -> Router {
    let text = "targets:\n- virtual_key: t\n  provider: openai\n  models: [o3, gpt-4o, gpt-4.5-preview, mine]\n  prices: {mine: {input_per_m_tokens: 0.25}}\n";
    let origin = Origin::split("http://127.0.0.1:1").unwrap().0;
    let credential = Arc::new(StaticCredential(Credential::None));
    let built = Built::new(Arc::new(Seedless), origin, credential);
    let registry = Registry::new()
        .ingress(&ferro_dialect_openai::INGRESS)
        .ingress(&ferro_dialect_anthropic::INGRESS);
    let builder = Gateway::builder().registry(registry).register_provider("t", built);
    let config = Config::parse(text, Format::Yaml).unwrap();
    router(builder.config(config).doors(doors).build().unwrap())
}

async fn get(plane: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    plane.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn body(response: Response) -> Value {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

const ANTHROPIC: &[(&str, &str)] = &[("anthropic-version", "2023-06-01")];

#[tokio::test(start_paused = true)]
async fn a_model_says_what_it_can_do_and_what_it_costs_there() {
    let plane = plane(Doors::open());
    let list = body(get(&plane, "/v1/models", &[]).await).await;
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert_eq!(ids, ["gpt-4.5-preview", "gpt-4o", "mine", "o3"]);
    let model = body(get(&plane, "/v1/models/gpt-4o", &[]).await).await;
    assert_eq!((&model["object"], &model["owned_by"]), (&json!("model"), &json!("t")));
    assert_eq!((&model["mode"], &model["status"]), (&json!("chat"), &json!("ga")));
    assert_eq!(
        (&model["context_length"], &model["context_window"]),
        (&json!(128_000), &json!(128_000))
    );
    assert_eq!(
        (&model["pricing"]["input"], &model["pricing"]["output"]),
        (&json!("2.5"), &json!("10"))
    );
    assert!(model["capabilities"].as_array().unwrap().contains(&json!("function_calling")));
    assert!(model["modalities"]["input"].as_array().unwrap().contains(&json!("image")));
    assert!(model["source"].as_str().unwrap().starts_with("https://"), "{model}");
    assert!(model["updated_at"].is_string(), "{model}");
    let mine = body(get(&plane, "/v1/models/mine", &[]).await).await;
    assert_eq!(mine["pricing"], json!({"input": "0.25"}));
    let old = body(get(&plane, "/v1/models/gpt-4.5-preview", &[]).await).await;
    assert_eq!(
        (&old["deprecated"], &old["lifecycle"]["stage"]),
        (&json!(true), &json!("deprecated"))
    );
    assert_eq!(old["lifecycle"]["sunset_date"], "2025-07-14");
    assert_eq!(old["lifecycle"]["successor"], "gpt-4.1");
}

#[tokio::test(start_paused = true)]
async fn who_has_the_list_is_told_so_and_nothing_else() {
    let plane = plane(Doors::open());
    let first = get(&plane, "/v1/models", &[]).await;
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag} is strong");
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let again = get(&plane, "/v1/models", &[("if-none-match", &known)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(again.headers()[header::ETAG].to_str().unwrap(), tag);
        assert!(again.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
    let other = get(&plane, "/v1/models", &[("if-none-match", "\"x\"")]).await;
    assert_eq!(other.status(), StatusCode::OK);
    let anthropic = get(&plane, "/v1/models", &[("if-none-match", &tag), ANTHROPIC[0]]).await;
    assert_eq!(anthropic.status(), StatusCode::OK, "another shape is another list");
}

#[tokio::test(start_paused = true)]
async fn anthropics_clients_read_pages_of_their_own_shape() {
    let plane = plane(Doors::open());
    let list = body(get(&plane, "/v1/models", ANTHROPIC).await).await;
    assert_eq!(list["data"][0]["type"], "model");
    assert_eq!(list["data"][0]["display_name"], "gpt-4.5-preview");
    assert_eq!(list["data"][0]["created_at"], "1970-01-01T00:00:00Z");
    for (query, first, last, has_more) in [
        ("", "gpt-4.5-preview", "o3", false),
        ("?limit=2", "gpt-4.5-preview", "gpt-4o", true),
        ("?limit=2&after_id=gpt-4o", "mine", "o3", false),
        ("?limit=2&before_id=o3", "gpt-4o", "mine", true),
        ("?before_id=gpt-4o", "gpt-4.5-preview", "gpt-4.5-preview", false),
    ] {
        let page = body(get(&plane, &format!("/v1/models{query}"), ANTHROPIC).await).await;
        assert_eq!((&page["first_id"], &page["last_id"]), (&json!(first), &json!(last)), "{query}");
        assert_eq!(page["has_more"], has_more, "{query}");
    }
    let end = body(get(&plane, "/v1/models?after_id=o3", ANTHROPIC).await).await;
    assert_eq!(end, json!({"data": [], "has_more": false, "first_id": null, "last_id": null}));
    for bad in ["?limit=0", "?limit=1001", "?limit=many", "?after_id=nobodys"] {
        let refused = get(&plane, &format!("/v1/models{bad}"), ANTHROPIC).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{bad}");
    }
    let one = body(get(&plane, "/v1/models/o3", ANTHROPIC).await).await;
    assert_eq!((&one["type"], &one["id"]), (&json!("model"), &json!("o3")));
}

#[tokio::test(start_paused = true)]
async fn capabilities_are_what_a_targets_own_codec_says() {
    let told = body(get(&plane(Doors::open()), "/v1/capabilities", &[]).await).await;
    let fields = told["providers"]["t"].as_object().unwrap();
    assert_eq!(fields.len(), 17);
    for (field, how) in fields {
        let expected = if field == "seed" { "unsupported" } else { "forward" };
        assert_eq!(how, expected, "{field}");
    }
    let model = &told["targets"]["t"]["models"]["gpt-4o"];
    assert!(model["surfaces"].as_array().unwrap().contains(&json!("chat")), "{told}");
    assert!(model["modalities"]["input"].as_array().unwrap().contains(&json!("image")));
}

#[tokio::test(start_paused = true)]
async fn neither_list_is_for_strangers() {
    let plane = plane(Doors::closed());
    for path in ["/v1/models", "/v1/models/o3", "/v1/capabilities"] {
        assert_eq!(get(&plane, path, &[]).await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}
