//! The Gemini API at a place.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Discover, Host, InParts, Need, Owns, Payload, Provider,
    ProviderError, Serve, Subject, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{DocumentRequest, Embeddings, Images, embedding},
    segments,
};
use ferro_dialect_gemini::{Profile, refuse};
use ferro_wire::Rope;
use http::{HeaderMap, Request, response::Parts};

use crate::{
    documents::{embed, image},
    root,
};

/// How its models' names begin.
const OWN: &[&str] = &["gemini-", "imagen-"];
/// Its models whose names begin like others'.
const OWN_NAMES: &[&str] = &["text-embedding-004", "embedding-001"];

/// A target of the Gemini API.
#[derive(Debug)]
pub(crate) struct Gemini {
    /// The API root's path.
    pub(super) root: String,
    pub(super) headers: HeaderMap,
}

impl Gemini {
    pub(crate) fn new(root: &str, operators: &HeaderMap) -> Self {
        Self { root: root.to_owned(), headers: root::headers(operators) }
    }

    /// A model's path: its name, or where one that was tuned lies.
    fn path(&self, model: &str, is_stream: bool) -> Result<String, ProviderError> {
        self.place(model, root::verb(is_stream))
    }

    fn place(&self, model: &str, verb: &str) -> Result<String, ProviderError> {
        let folder = folder(model);
        Ok(format!("{}/{folder}{}{verb}", self.root, segments(model)?))
    }
}

/// The folder that a model lies in, where its name does not say one.
fn folder(model: &str) -> &'static str {
    let is_placed = model.starts_with("models/") || model.starts_with("tunedModels/");
    if is_placed { "" } else { "models/" }
}

impl Provider for Gemini {
    fn owns(&self, model: &str) -> Owns {
        let bare = model.strip_prefix("models/").unwrap_or(model);
        let is_own = OWN.iter().any(|own| bare.starts_with(own)) || OWN_NAMES.contains(&bare);
        if is_own || model.starts_with("tunedModels/") { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Host for Gemini {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        root::AUTH.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

impl Wire<Chat> for Gemini {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let path = self.path(call.model, request.wants_stream())?;
        let (body, decoder) = Profile::AI_STUDIO.encode(call, request)?;
        Ok((root::post(&path, &self.headers, body)?, decoder))
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        Profile::AI_STUDIO.needs(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        Profile::AI_STUDIO.unsaid(call, request)
    }
}

impl Wire<Embeddings> for Gemini {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        let path = self.place(call.model, ":batchEmbedContents")?;
        let name = format!("{}{}", folder(call.model), call.model);
        let body = embed::at_gemini(&name, request.doc())?;
        let decoder = embed::decoder(call.model, request.doc());
        Ok((root::post(&path, &self.headers, Rope::from(body))?, decoder))
    }

    fn parts(
        &self,
        _: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Option<InParts<Embeddings>> {
        embedding::parts(request, embed::MOST_AT_GEMINI)
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        embed::unsaid(request.doc())
    }
}

impl Wire<Images> for Gemini {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Images>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Images>>), ProviderError> {
        let (verb, body) = if image::is_imagen(call.model) {
            (":predict", image::for_imagen(request)?)
        } else {
            (":generateContent", image::for_gemini(request)?)
        };
        let outbound = root::post(&self.place(call.model, verb)?, &self.headers, Rope::from(body))?;
        Ok((outbound, image::decoder(call)))
    }

    fn parts(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Option<InParts<Images>> {
        image::parts(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Vec<Unsaid> {
        image::unsaid(call, request.doc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gemini() -> Gemini {
        Gemini::new("/v1beta", &HeaderMap::new())
    }

    #[test]
    fn a_models_name_is_a_path_that_leads_nowhere_else() {
        let path = |model| gemini().path(model, false).unwrap();
        assert_eq!(path("gemini-2.5-pro"), "/v1beta/models/gemini-2.5-pro:generateContent");
        assert_eq!(path("models/gemini-2.5-pro"), path("gemini-2.5-pro"));
        assert_eq!(path("tunedModels/a?b#c"), "/v1beta/tunedModels/a%3Fb%23c:generateContent");
        assert_eq!(
            gemini().path("m", true).unwrap(),
            "/v1beta/models/m:streamGenerateContent?alt=sse"
        );
        for model in ["../x", "a/../b", "", "a//b", "models/.", "a/"] {
            assert!(gemini().path(model, false).is_err(), "{model}");
        }
    }

    #[test]
    fn a_name_tells_whose_a_model_is() {
        for own in ["gemini-2.5-pro", "models/imagen-4", "text-embedding-004", "tunedModels/x"] {
            assert_eq!(gemini().owns(own), Owns::Yes, "{own}");
        }
        for other in ["gpt-4o", "text-embedding-3-small", "google/gemini-2.5-pro", "claude-3"] {
            assert_eq!(gemini().owns(other), Owns::No, "{other}");
        }
    }
}
