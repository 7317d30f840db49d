//! Where requests of a model go, and what they are shown, by what a target says.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;

use ferro_core::{
    BuildContext, BuildError, Built, CallContext, Credential, CredentialContext, Owns, Secret,
    Settings, TargetId, chat::ChatRequest,
};
use ferro_provider_azure::PROVIDERS;
use ferro_testkit::{Answer, Clock, Script, Sent};
use http::HeaderMap;
use serde_json::{Value, json};

const OPENAI: [(&str, &str); 2] = [
    ("AZURE_OPENAI_API_KEY", "key-12345678"),
    ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/"),
];
const FOUNDRY: [(&str, &str); 2] = [
    ("AZURE_FOUNDRY_API_KEY", "key-12345678"),
    ("AZURE_FOUNDRY_ENDPOINT", "https://r.services.ai.azure.com/models"),
];

fn build(kind: &str, settings: Value, vars: &[(&str, &str)]) -> Result<Built, BuildError> {
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    let vars: BTreeMap<_, _> = vars.iter().copied().collect();
    let vars = |name: &str| vars.get(name).map(|value| (*value).to_owned());
    let cx = BuildContext::new(&target, &headers, &vars);
    let factory = PROVIDERS.iter().find(|factory| factory.describe().kind == kind).unwrap();
    factory.build(&cx, Settings(settings))
}

fn sent(built: &Built, model: &str, credential: Option<&Credential>) -> Result<Sent, String> {
    let (upstream, elsewhere) =
        (Script::always(Answer::new(400)), Script::always(Answer::new(404)));
    let body =
        json!({"model": model, "messages": [{"role": "user", "content": "x"}], "max_tokens": 3});
    let request = ChatRequest::of(&body).unwrap();
    Clock::run(async |_| {
        let cx = CredentialContext::new(&elsewhere, &elsewhere);
        let credential = match credential {
            Some(credential) => credential.clone(),
            None => built.credentials.current(&cx).await.unwrap(),
        };
        let target = TargetId::from("t");
        let call = ferro_core::Call::new(&target, model);
        let cx = CallContext::new(call, &upstream, &elsewhere, &credential);
        let error = built.provider.chat().unwrap().serve(&cx, &request).await.unwrap_err();
        upstream.sent().pop().ok_or(format!("{error}"))
    })
}

fn openai(settings: Value, more: &[(&str, &str)]) -> Built {
    build("azure-openai", settings, &[&OPENAI, more].concat()).unwrap()
}

fn place(built: &Built, model: &str) -> (String, Value) {
    let sent = sent(built, model, None).unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    (sent.uri.to_string(), body["model"].clone())
}

#[test]
fn a_configuration_of_the_first_version_still_works() {
    let built = openai(json!({}), &[("AZURE_OPENAI_DEPLOYMENT", "general")]);
    let sent = sent(&built, "gpt-4o", None).unwrap();
    assert_eq!(built.origin.to_string(), "https://r.openai.azure.com");
    assert_eq!(sent.uri, "/openai/deployments/general/chat/completions?api-version=2024-10-21");
    assert_eq!(sent.headers["api-key"], "key-12345678");
    assert!(!sent.headers.contains_key("authorization"));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["max_completion_tokens"], 3);
    assert_eq!(body.get("max_tokens"), None);
    assert_eq!(built.provider.owns("general"), Owns::Yes);
    assert_eq!(built.provider.owns("gpt-4o"), Owns::Any);
    assert!(built.provider.discover().is_none(), "every model is the one deployment's");

    let foundry = build("azure-foundry", json!({}), &FOUNDRY).unwrap();
    let (uri, model) = place(&foundry, "Phi-4");
    assert_eq!((uri.as_str(), model), ("/openai/v1/chat/completions", json!("Phi-4")));
}

#[test]
fn a_mapped_model_goes_to_its_deployment_and_any_other_to_the_fallback() {
    let settings = json!({
        "deployment": "general", "deployments": {"gpt-4o": "gpt 4o/prod?".replace('/', "-")},
        "api_version": "2025-01-01-preview",
    });
    let built = openai(settings, &[]);
    assert_eq!(
        place(&built, "gpt-4o").0,
        "/openai/deployments/gpt%204o-prod%3F/chat/completions?api-version=2025-01-01-preview"
    );
    assert_eq!(
        place(&built, "other").0,
        "/openai/deployments/general/chat/completions?api-version=2025-01-01-preview"
    );
    assert_eq!(built.provider.owns("gpt-4o"), Owns::Yes);
}

#[test]
fn without_a_fallback_a_model_is_asked_for_by_its_own_name() {
    let built = openai(json!({"deployments": {"a": "b"}}), &[]);
    assert_eq!(
        place(&built, "gpt-4.1").0,
        "/openai/deployments/gpt-4.1/chat/completions?api-version=2024-10-21"
    );
    assert!(built.provider.discover().is_some());
    let error = sent(&built, "../../x", None).unwrap_err();
    assert!(error.contains("../../x"), "{error}");
}

#[test]
fn the_v1_api_names_the_deployment_in_the_body() {
    for (version, query) in [("v1", ""), ("preview", "?api-version=preview")] {
        let settings = json!({"deployments": {"gpt-4o": "gpt-4o-prod"}, "api_version": version});
        let built = openai(settings, &[]);
        let path = format!("/openai/v1/chat/completions{query}");
        assert_eq!(place(&built, "gpt-4o"), (path.clone(), json!("gpt-4o-prod")));
        assert_eq!(place(&built, "other"), (path, json!("other")));
    }
    let by_variable = openai(json!({}), &[("AZURE_OPENAI_API_VERSION", "v1")]);
    assert_eq!(place(&by_variable, "m").0, "/openai/v1/chat/completions");
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_when_it_is_configured() {
    for settings in [
        json!({"deployment": "../x"}),
        json!({"deployments": {"a": ""}}),
        json!({"deployments": {"a": "x/y"}, "api_version": "v1"}),
    ] {
        let error = build("azure-openai", settings.clone(), &OPENAI).unwrap_err().to_string();
        assert!(error.contains("deployment"), "{settings}: {error}");
    }
}

#[test]
fn foundry_speaks_each_makers_wire() {
    let settings = json!({"wires": {"mine": "cohere", "command-of-ours": "openai"}});
    let built = build("azure-foundry", settings, &FOUNDRY).unwrap();
    let cohere = sent(&built, "Cohere-command-a", None).unwrap();
    assert_eq!(cohere.uri, "/providers/cohere/v2/chat");
    assert_eq!(cohere.headers["api-key"], "key-12345678");
    assert!(!cohere.headers.contains_key("extra-parameters"));
    assert_eq!(place(&built, "mine").0, "/providers/cohere/v2/chat");
    let openai = sent(&built, "command-of-ours", None).unwrap();
    assert_eq!(openai.uri, "/openai/v1/chat/completions");
    assert_eq!(openai.headers["extra-parameters"], "drop");
}

#[test]
fn a_token_is_shown_as_a_bearers() {
    let token = ferro_core::ApiKey::new(Secret::new("t-12345678")).unwrap();
    for built in [
        openai(json!({"deployment": "d"}), &[]),
        build("azure-foundry", json!({}), &FOUNDRY).unwrap(),
    ] {
        for model in ["gpt-4o", "cohere-command-a", "claude-sonnet-4-5"] {
            let sent = sent(&built, model, Some(&Credential::Token(token.clone()))).unwrap();
            assert_eq!(sent.headers["authorization"], "Bearer t-12345678");
            for key in ["api-key", "x-api-key"] {
                assert!(!sent.headers.contains_key(key), "{model}: {key}");
            }
        }
    }
}

#[test]
fn tokens_go_before_the_key_where_the_target_says_so() {
    let settings = json!({"deployment": "d", "entra": {"tenant_id": "t", "client_id": "c", "client_secret": "s"}});
    let built = openai(settings, &[]);
    let issuer = Script::always(
        Answer::new(200).with_body(r#"{"access_token":"granted-1","expires_in":"3599"}"#),
    );
    Clock::run(async |_| {
        let cx = CredentialContext::new(&issuer, &issuer);
        let credential = built.credentials.current(&cx).await.unwrap();
        assert_eq!(credential.secret().unwrap().expose(), "granted-1");
    });
    // Without a key, the environment's client asks by itself.
    let client = [
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
    ];
    assert!(build("azure-openai", json!({"deployment": "d"}), &client).is_ok());
    let nobody = build("azure-openai", json!({"deployment": "d"}), &client[..1]).unwrap_err();
    assert!(nobody.to_string().contains("AZURE_OPENAI_API_KEY"), "{nobody}");
}

/// OpenAI's own client, and a target of ours that should do the same.
struct Pair {
    client: &'static str,
    /// How the client is made, and which model it is asked for.
    made: Value,
    model: &'static str,
    /// What our target is told, and which model it is asked for.
    settings: Value,
    asked: &'static str,
    has_token: bool,
}

fn pairs() -> Vec<Pair> {
    let at = json!({"azure_endpoint": "https://r.openai.azure.com"});
    let v1 = json!({"base_url": "https://r.openai.azure.com/openai/v1/", "api_key": "t"});
    let made = |base: &Value, more: Value| {
        let (Value::Object(mut all), Value::Object(more)) = (base.clone(), more) else {
            panic!("arguments are an object")
        };
        all.extend(more);
        Value::Object(all)
    };
    vec![
        Pair {
            client: "AzureOpenAI",
            made: made(&at, json!({"api_key": "k", "api_version": "2024-10-21"})),
            model: "gpt-4o",
            settings: json!({"deployment": "gpt-4o"}),
            asked: "gpt-4o",
            has_token: false,
        },
        Pair {
            client: "AzureOpenAI",
            made: made(
                &at,
                json!({"api_key": "k", "api_version": "2025-01-01-preview", "azure_deployment": "gpt 4o é"}),
            ),
            model: "gpt-4o",
            settings: json!({"deployments": {"gpt-4o": "gpt 4o é"}, "api_version": "2025-01-01-preview"}),
            asked: "gpt-4o",
            has_token: false,
        },
        Pair {
            client: "AzureOpenAI",
            made: made(&at, json!({"azure_ad_token": "t", "api_version": "2024-10-21"})),
            model: "own.name_1",
            settings: json!({"deployments": {"a": "b"}}),
            asked: "own.name_1",
            has_token: true,
        },
        Pair {
            client: "OpenAI",
            made: v1.clone(),
            model: "gpt-4o",
            settings: json!({"api_version": "v1"}),
            asked: "gpt-4o",
            has_token: true,
        },
        Pair {
            client: "OpenAI",
            made: made(&v1, json!({"default_query": {"api-version": "preview"}})),
            model: "gpt-4o-prod",
            settings: json!({"api_version": "preview", "deployments": {"gpt-4o": "gpt-4o-prod"}}),
            asked: "gpt-4o",
            has_token: true,
        },
    ]
}

#[test]
fn openais_own_client_for_azure_sends_the_same_to_the_same_place() {
    let user = json!([{"role": "user", "content": "x"}]);
    let case = |pair: &Pair| {
        let body = json!({"model": pair.model, "messages": user, "max_completion_tokens": 3});
        json!({"client": pair.client, "made": pair.made, "body": body})
    };
    let cases: Vec<_> = pairs().iter().map(case).collect();
    let theirs = ferro_testkit::oracle(std::path::Path::new("tests/oracle.py"), &cases);
    let token = ferro_core::ApiKey::new(Secret::new("t-12345678")).unwrap();
    let token = Credential::Token(token);
    for (Pair { settings, asked, has_token, .. }, theirs) in pairs().into_iter().zip(theirs) {
        let built = openai(settings.clone(), &[]);
        let ours = sent(&built, asked, has_token.then_some(&token)).unwrap();
        let names = ["api-key", "authorization"];
        let shown: Vec<_> =
            names.into_iter().filter(|name| ours.headers.contains_key(*name)).collect();
        assert_eq!(ours.method.as_str(), theirs["method"], "{settings}");
        assert_eq!(ours.uri.to_string(), theirs["uri"], "{settings}");
        assert_eq!(json!(shown), theirs["shown"], "{settings}");
        let body: Value = serde_json::from_slice(&ours.body).unwrap();
        assert_eq!(body, theirs["body"], "{settings}");
    }
}

#[test]
fn foundry_speaks_anthropics_wire_to_claude_and_shows_the_key_in_both_headers() {
    let built = build("azure-foundry", json!({"wires": {"mine": "anthropic"}}), &FOUNDRY).unwrap();
    for model in ["claude-sonnet-4-5", "mine"] {
        let sent = sent(&built, model, None).unwrap();
        assert_eq!(sent.uri, "/anthropic/v1/messages");
        assert_eq!(sent.headers["anthropic-version"], "2023-06-01");
        for header in ["api-key", "x-api-key"] {
            assert_eq!(sent.headers[header], "key-12345678");
            assert!(sent.headers[header].is_sensitive());
        }
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!((&body["model"], &body["max_tokens"]), (&json!(model), &json!(3)));
    }
}

#[test]
fn anthropics_own_client_for_foundry_sends_the_same_to_the_same_place() {
    let user = json!([{"role": "user", "content": "x"}]);
    let body = json!({"model": "claude-sonnet-4-5", "messages": user, "max_tokens": 3});
    let base = "https://r.services.ai.azure.com/anthropic/";
    let case = json!({"client": "AnthropicFoundry", "made": {"base_url": base, "api_key": "k"}, "body": body});
    let theirs = ferro_testkit::oracle(std::path::Path::new("tests/oracle.py"), &[case]).remove(0);
    let built = build("azure-foundry", json!({}), &FOUNDRY).unwrap();
    let ours = sent(&built, "claude-sonnet-4-5", None).unwrap();
    assert_eq!(ours.uri.to_string(), theirs["uri"]);
    assert_eq!(theirs["shown"], json!(["api-key", "x-api-key"]));
    let body: Value = serde_json::from_slice(&ours.body).unwrap();
    assert_eq!(body, theirs["body"]);
}
