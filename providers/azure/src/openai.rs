//! A resource of Azure OpenAI: by deployments, or by its v1 API.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, Discover, ErrorKind, Host, Owns, Payload, Provider,
    ProviderError, Serve, SurfaceKind, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{Completions, Embeddings, Images, Responses, Speech},
    forward::Forward,
    upload::{ImageEdits, Transcriptions, Translations},
};
use ferro_dialect_openai::{Profile, TokenLimit, Vendor};
use http::{HeaderMap, Request, Uri, response::Parts};

use crate::{
    endpoint,
    settings::OpenAiSettings,
    surfaces::{Deployments, Surfaces},
};

/// How a resource is shown a key.
pub(crate) const KEY: Auth = Auth::Header("api-key");

/// OpenAI's wire as Azure speaks it. It knows the newer name of the ceiling only. Responses are its v1 API's
/// (quickstart for the Responses API, read 2026-11-30).
pub(crate) static AZURE: Vendor = Vendor {
    kind: "azure-openai",
    surfaces: &[
        SurfaceKind::Chat,
        SurfaceKind::Completions,
        SurfaceKind::Embeddings,
        SurfaceKind::Images,
        SurfaceKind::ImageEdits,
        SurfaceKind::Speech,
        SurfaceKind::Transcriptions,
        SurfaceKind::Translations,
        SurfaceKind::Responses,
        SurfaceKind::Forward,
    ],
    auth: KEY,
    most_inputs: Some(2048),
    profile: Profile { token_limit: TokenLimit::MaxCompletionTokens, ..Profile::STANDARD },
    ..Vendor::OPENAI_SHAPED
};

/// How the path of a chat ends.
const CHAT: &str = "/chat/completions";

/// How a deployment is named.
#[derive(Debug)]
enum Naming {
    /// In the path; the body's model is passed over.
    Paths {
        /// What stands in front of every path.
        path: String,
        version: String,
        /// The mapped models', made once.
        mapped: BTreeMap<String, Uri>,
        /// Every other model's, unless it is its own.
        fallback: Option<Uri>,
    },
    /// In the body, as the model.
    Bodies {
        chat: Uri,
        /// Models, each with its deployment; any other is its own.
        mapped: BTreeMap<String, String>,
    },
}

/// A resource of Azure OpenAI.
pub(crate) struct AzureOpenAi {
    wire: Box<dyn Wire<Chat>>,
    surfaces: Surfaces,
    /// Those that its v1 API alone has, whichever version the others are asked in.
    newer: Surfaces,
    /// Whatever else is asked of it: files, batches and the like are in its v1 API, whichever version the
    /// rest is asked in (the data plane's reference,
    /// <https://learn.microsoft.com/en-us/azure/foundry/openai/authoring-reference-preview>, read 2026-11-30).
    rest: Surfaces,
    naming: Naming,
    /// The models that the operator names.
    own: Vec<String>,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl fmt::Debug for AzureOpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureOpenAi").field("naming", &self.naming).finish_non_exhaustive()
    }
}

/// Versions that name no deployment in their paths, and what they add to them.
pub(crate) fn is_v1(version: &str) -> bool {
    matches!(version, "v1" | "preview" | "latest")
}

impl AzureOpenAi {
    /// A resource below `path`.
    ///
    /// # Errors
    ///
    /// Names the deployment that cannot be one.
    pub(crate) fn new(
        path: String,
        version: &str,
        settings: OpenAiSettings,
        headers: HeaderMap,
    ) -> Result<Self, String> {
        let OpenAiSettings { deployment, deployments, .. } = settings;
        let mut own: Vec<_> = deployments.keys().cloned().collect();
        let wire = Box::new(AZURE.wire(&format!("{path}/openai/v1"), headers.clone()));
        let query = if version == "v1" { String::new() } else { format!("?api-version={version}") };
        let mapped = deployments.clone();
        let said = Some(version).filter(|version| is_v1(version) && *version != "v1");
        let anywhere =
            Deployments::Anywhere { version: said.map(str::to_owned), mapped: mapped.clone() };
        let rest = Surfaces::new(&AZURE, (&path, "/openai/v1"), &headers, anywhere);
        let said = said.map(|version| format!("?api-version={version}")).unwrap_or_default();
        let bodies = Deployments::InBodies { query: said, mapped: mapped.clone() };
        let newer = Surfaces::new(&AZURE, (&path, "/openai/v1"), &headers, bodies);
        let besides = if is_v1(version) {
            Deployments::InBodies { query: query.clone(), mapped }
        } else {
            Deployments::InPaths { version: version.to_owned(), mapped }
        };
        let surfaces = Surfaces::new(&AZURE, (&path, "/openai/v1"), &headers, besides);
        let naming = if is_v1(version) {
            deployments.values().try_for_each(|name| endpoint::check(name))?;
            let chat = format!("{path}/openai/v1/chat/completions{query}");
            let chat = chat.parse().map_err(|error| format!("`{chat}` is no path: {error}"))?;
            Naming::Bodies { chat, mapped: deployments }
        } else {
            own.extend(deployment.clone());
            let at = |name: &String| endpoint::deployment(&path, name, (CHAT, version));
            let mapped = deployments.iter().map(|(model, name)| Ok((model.clone(), at(name)?)));
            Naming::Paths {
                mapped: mapped.collect::<Result<_, String>>()?,
                fallback: deployment.as_ref().map(at).transpose()?,
                version: version.to_owned(),
                path: path.clone(),
            }
        };
        Ok(Self { wire, surfaces, newer, rest, naming, own, path, headers })
    }

    /// Where the chat of a model is.
    fn uri(&self, model: &str) -> Result<Uri, ProviderError> {
        match &self.naming {
            Naming::Bodies { chat, .. } => Ok(chat.clone()),
            Naming::Paths { path, version, mapped, fallback } => {
                match mapped.get(model).or(fallback.as_ref()) {
                    Some(uri) => Ok(uri.clone()),
                    None => endpoint::deployment(path, model, (CHAT, version)).map_err(|message| {
                        ProviderError::new(ErrorKind::NotFound).with_message(message)
                    }),
                }
            }
        }
    }

    /// Whether every model is asked for by its own name, so that a list of deployments says which
    /// there are.
    fn is_open(&self) -> bool {
        !matches!(self.naming, Naming::Paths { fallback: Some(_), .. })
    }
}

impl Provider for AzureOpenAi {
    fn owns(&self, model: &str) -> Owns {
        match model.trim() {
            "" => Owns::No,
            _ if self.own.iter().any(|own| own == model) => Owns::Yes,
            _ => Owns::Any,
        }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        Some(self.surfaces.serving(SurfaceKind::Completions)?)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self.surfaces.serving(SurfaceKind::Embeddings)?)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self.surfaces.serving(SurfaceKind::Images)?)
    }

    fn image_edits(&self) -> Option<&dyn Serve<ImageEdits>> {
        Some(self.surfaces.serving(SurfaceKind::ImageEdits)?)
    }

    fn speech(&self) -> Option<&dyn Serve<Speech>> {
        Some(self.surfaces.serving(SurfaceKind::Speech)?)
    }

    fn transcriptions(&self) -> Option<&dyn Serve<Transcriptions>> {
        Some(self.surfaces.serving(SurfaceKind::Transcriptions)?)
    }

    fn translations(&self) -> Option<&dyn Serve<Translations>> {
        Some(self.surfaces.serving(SurfaceKind::Translations)?)
    }

    fn responses(&self) -> Option<&dyn Serve<Responses>> {
        Some(self.newer.serving(SurfaceKind::Responses)?)
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        Some(&self.rest)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        self.is_open().then_some(self)
    }
}

impl Host for AzureOpenAi {
    fn authorize(
        &self,
        call: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.wire.authorize(call, request, credential)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        self.wire.refuse(head, body)
    }
}

impl Wire<Chat> for AzureOpenAi {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let uri = self.uri(call.model)?;
        let (mut outbound, decoder) = match &self.naming {
            Naming::Bodies { mapped, .. } if mapped.contains_key(call.model) => {
                let mut deployment = call.clone();
                deployment.model = &mapped[call.model];
                self.wire.encode(&deployment, request)?
            }
            _ => self.wire.encode(call, request)?,
        };
        *outbound.uri_mut() = uri;
        Ok((outbound, decoder))
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.wire.unsaid(call, request)
    }
}
