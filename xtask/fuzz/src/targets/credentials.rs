//! Google's credentials in JSON: read or refused, and never told.

use ferro_core::{BuildContext, ProviderFactory, Settings, TargetId};
use ferro_provider_google::PROVIDERS;
use http::HeaderMap;
use serde_json::Value;

use crate::Target;

pub(crate) static TARGETS: &[Target] = &[Target { name: "google-credentials", run, seeds: &[] }];

/// Names under which such a file holds what nobody may see.
const SECRETS: [&str; 3] = ["private_key", "client_secret", "refresh_token"];
/// Shorter ones stand in any text.
const LONG: usize = 12;

/// The bytes as the variable that holds an account.
fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let told = told(text);
    if text.trim_start().starts_with('{')
        && let Ok(account) = serde_json::from_str::<Value>(text)
    {
        for name in SECRETS {
            let secret = account.get(name).and_then(Value::as_str).unwrap_or_default();
            if secret.len() >= LONG && told.contains(secret) {
                // Unless it is a word of our own, which is there whatever the secret is.
                let mut without = account.clone();
                without[name] = Value::from("x".repeat(secret.len()));
                assert_eq!(told_of(&without), told_of(&account), "{name} is told");
            }
        }
    }
}

fn told_of(account: &Value) -> String {
    told(&account.to_string())
}

/// What is told of the account in `text`.
fn told(text: &str) -> String {
    let vertex = PROVIDERS.iter().find(|factory| factory.describe().kind == "vertex-ai");
    let vertex: &dyn ProviderFactory = *vertex.expect("it is one of Google's");
    let vars = |name: &str| match name {
        "VERTEX_AI_PROJECT_ID" => Some("project".to_owned()),
        "VERTEX_AI_REGION" => Some("global".to_owned()),
        "VERTEX_AI_SERVICE_ACCOUNT_JSON" => Some(text.to_owned()),
        _ => None,
    };
    let (target, headers) = (TargetId::from("t"), HeaderMap::new());
    match vertex.build(&BuildContext::new(&target, &headers, &vars), Settings::default()) {
        Ok(built) => format!("{built:?}"),
        Err(error) => format!("{error} {error:?}"),
    }
}
