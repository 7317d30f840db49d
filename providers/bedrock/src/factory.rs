//! From a target in a configuration to Bedrock in a region.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, CredentialSource, Description, EnvVar,
    Origin, ProviderFactory, Secret, Settings, SigningKey, StaticCredential, SurfaceKind, TargetId,
    Vars, Wire, chat::Chat,
};
use http::HeaderMap;

use crate::{
    credentials::{Chain, Surroundings},
    place::Place,
    provider::Bedrock,
    settings::Own,
};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory];

const KIND: &str = "bedrock";
const BASE_URL: &str = "https://bedrock-runtime.{region}.amazonaws.com";
const BEARER: &str = "AWS_BEARER_TOKEN_BEDROCK";
const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION: &str = "AWS_SESSION_TOKEN";

/// The variables that are read, and what they hold.
const ENV: &[(&str, &str)] = &[
    (BEARER, "a key of Bedrock's own, which goes before all others"),
    ("AWS_REGION", "the region"),
    ("AWS_DEFAULT_REGION", "the region, where the one above is not set"),
    (KEY_ID, "the name of a key that signs"),
    (SECRET_KEY, "the key that signs"),
    (SESSION, "what a key that signs for a while is shown with"),
    ("AWS_PROFILE", "the profile that says which key signs"),
    ("AWS_SHARED_CREDENTIALS_FILE", "where profiles are"),
    ("AWS_CONFIG_FILE", "where more of them are"),
    ("AWS_ROLE_ARN", "the role that a web identity is exchanged for"),
    ("AWS_ROLE_SESSION_NAME", "what its session is called"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "where a web identity is"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "where a container is given its key"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the same, with its host"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "what is shown there"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "where that is"),
    ("AWS_EC2_METADATA_DISABLED", "whether the machine is not asked for a key"),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "where the machine is asked"),
    ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "the host that is asked"),
    ("AWS_ENDPOINT_URL_BEDROCK", "the host that lists models"),
    ("AWS_ENDPOINT_URL_STS", "the host that gives keys for a while"),
    ("AWS_ENDPOINT_URL", "the host of all of them"),
];

/// The wire of a target in `us-east-1`, for who measures it.
pub fn wire() -> impl Wire<Chat> {
    let (target, headers) = (TargetId::from("bedrock"), HeaderMap::new());
    let cx = BuildContext::new(&target, &headers, &|_| None);
    let place = Place::find(&cx, &Own::default()).expect("the usual region is one");
    Bedrock::new(&place, headers, None, None)
}

const SURFACES: &[SurfaceKind] = &[
    SurfaceKind::Chat,
    SurfaceKind::Messages,
    SurfaceKind::CountTokens,
    SurfaceKind::Embeddings,
    SurfaceKind::Images,
    SurfaceKind::Rerank,
];

struct Factory;

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        let var = |(name, meaning): &(&'static str, &'static str)| EnvVar {
            name,
            meaning,
            required: false,
        };
        Description::new(KIND, SURFACES)
            .with_env(ENV.iter().map(var).collect::<Vec<_>>())
            .with_base_url(BASE_URL)
    }

    /// No variable is required: a machine of AWS's own needs none. Whoever sets one of these means to
    /// use it.
    fn is_configured(&self, vars: Vars<'_>) -> bool {
        let telling = [BEARER, "AWS_REGION", KEY_ID];
        telling.iter().any(|name| vars(name).is_some_and(|value| !value.is_empty()))
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let own: Own = settings.parse()?;
        let place = Place::find(cx, &own)?;
        for name in ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL_STS"] {
            if let Some(url) = cx.var(name) {
                Origin::split(&url).map_err(|error| BuildError::new(format!("{name}: {error}")))?;
            }
        }
        let credentials = credentials(cx, &own, &place.region)?;
        let provider = Bedrock::new(&place, cx.headers.clone(), own.family, own.guardrail);
        let Place { runtime: (runtime, _), control: (control, _), .. } = place;
        Ok(Built::new(Arc::new(provider), runtime, credentials).with_other("control", control))
    }
}

/// Who asks: the target's own key, else Bedrock's own, else a pair of variables, else what AWS's
/// usual places say when it is needed.
fn credentials(
    cx: &BuildContext<'_>,
    own: &Own,
    region: &str,
) -> Result<Arc<dyn CredentialSource>, BuildError> {
    if let Some(secret) = cx.api_key.cloned().or_else(|| cx.var(BEARER).map(Secret::new)) {
        let key = ApiKey::new(secret)
            .ok_or_else(|| BuildError::new("the key holds a character that no header may carry"))?;
        return Ok(Arc::new(StaticCredential(Credential::ApiKey(key))));
    }
    if own.profile.is_none() {
        match (cx.var(KEY_ID), cx.var(SECRET_KEY)) {
            (Some(id), Some(secret)) => {
                let session = cx.var(SESSION).map(Secret::new);
                let key = SigningKey::new(id, Secret::new(secret), session);
                return Ok(Arc::new(StaticCredential(Credential::Signing(key))));
            }
            (Some(_), None) => return Err(half(KEY_ID, SECRET_KEY)),
            (None, Some(_)) => return Err(half(SECRET_KEY, KEY_ID)),
            (None, None) => {}
        }
    }
    Ok(Arc::new(Chain::new(Surroundings::new(cx, own.profile.clone(), region))))
}

fn half(set: &str, missing: &str) -> BuildError {
    BuildError::new(format!("{set} is set, and {missing} is not; a key that signs has both"))
}
