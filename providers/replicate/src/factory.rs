//! From an operator's words to an account.

use std::sync::Arc;

use ferro_core::{
    BuildContext, BuildError, Built, Description, EnvVar, Origin, ProviderFactory, Settings,
    StaticCredential, SurfaceKind,
};
use ferro_dialect_openai::{Env, Vendor};

use crate::{inputs::Own, provider::Replicate};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&Factory];

/// Where it lives and what configures it.
static PLACE: Vendor = Vendor {
    kind: "replicate",
    base_url: "https://api.replicate.com/v1",
    env: &[
        Env::Key("REPLICATE_API_TOKEN"),
        Env::BaseUrl("REPLICATE_BASE_URL"),
        Env::Models("REPLICATE_TEXT_MODELS"),
    ],
    models: &[
        "meta/meta-llama-3.1-405b-instruct",
        "meta/meta-llama-3.1-70b-instruct",
        "meta/meta-llama-3.1-8b-instruct",
    ],
    surfaces: &[SurfaceKind::Chat, SurfaceKind::Images],
    ..Vendor::OPENAI_SHAPED
};

const IMAGES: EnvVar = EnvVar {
    name: "REPLICATE_IMAGE_MODELS",
    meaning: "the models that paint, separated by commas",
    required: false,
};
const PAINTERS: &str =
    "black-forest-labs/flux-schnell,black-forest-labs/flux-dev,stability-ai/sdxl";

/// Hosts of the vendor's at which its streams stand (the guide to streaming, and predictions as they
/// come; read 2026-11-29).
pub(crate) const STREAM_HOSTS: [&str; 2] = ["stream.replicate.com", "streaming.api.replicate.com"];
/// The API's own host under a name, for what is asked after a call.
pub(crate) const API: &str = "api";

struct Factory;

impl ProviderFactory for Factory {
    fn describe(&self) -> Description {
        let mut description = PLACE.describe();
        description.env.push(IMAGES);
        description
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let own: Own = settings.parse()?;
        let split = |url: &str| Origin::split(url).map_err(|e| BuildError::new(e.to_string()));
        let (origin, path) = split(&PLACE.api_root(cx)?)?;
        let painters = cx.var(IMAGES.name).unwrap_or_else(|| PAINTERS.to_owned());
        let painters = painters.split(',').map(str::trim).filter(|name| !name.is_empty());
        let provider = Replicate::new(origin.clone(), &path, cx.headers.clone())
            .with_models(PLACE.models(cx), painters.map(str::to_owned).collect())
            .with_inputs(own);
        let credentials = Arc::new(StaticCredential(PLACE.credential(cx)?));
        let mut built = Built::new(Arc::new(provider), origin.clone(), credentials);
        built = built.with_other(API, origin);
        for host in STREAM_HOSTS {
            built = built.with_other(host, split(&format!("https://{host}"))?.0);
        }
        Ok(built)
    }
}
