//! The provider: what it serves, and where it is asked.

use ferro_core::{
    Credential, ErrorKind, Origin, Owns, Payload, Provider, ProviderError, Serve, chat::Chat,
    document::Images,
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};

use crate::{inputs::Own, model};

/// An account.
#[derive(Debug)]
pub(crate) struct Replicate {
    /// The API's own host.
    pub(crate) origin: Origin,
    /// The API root's path.
    path: String,
    /// What every request carries.
    headers: HeaderMap,
    /// Models that chat, and models that paint.
    texts: Vec<String>,
    images: Vec<String>,
    pub(crate) own: Own,
}

impl Replicate {
    pub(crate) fn new(origin: Origin, path: &str, headers: HeaderMap) -> Self {
        let (texts, images) = (Vec::new(), Vec::new());
        Self { origin, path: path.to_owned(), headers, texts, images, own: Own::default() }
    }

    /// The same, with the models that chat and those that paint.
    pub(crate) fn with_models(self, texts: Vec<String>, images: Vec<String>) -> Self {
        Self { texts, images, ..self }
    }

    /// The same, where an operator says what the models call their inputs.
    pub(crate) fn with_inputs(self, own: Own) -> Self {
        Self { own, ..self }
    }

    /// The place of something below the API root: of a model or a prediction whose name is checked.
    pub(crate) fn uri(&self, below: &str) -> Uri {
        let path = format!("{}{below}", self.path);
        path.parse().expect("a path from a URL, and names of plain characters")
    }

    /// A request without a body yet, that shows the token.
    pub(crate) fn request(
        &self,
        method: Method,
        uri: Uri,
        credential: &Credential,
    ) -> Result<Request<Payload>, ProviderError> {
        let (Credential::ApiKey(key) | Credential::Token(key)) = credential else {
            let message = "this vendor is shown a token; set REPLICATE_API_TOKEN or `api_key`";
            return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
        };
        let mut request = Request::new(Payload::empty());
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(header::AUTHORIZATION, key.bearer().clone());
        if method == Method::POST {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        Ok(request)
    }

    /// Whether a model writes, whatever its version.
    pub(crate) fn writes(&self, model: &str) -> bool {
        is_among(&self.texts, model) && !is_among(&self.images, model)
    }

    /// Whether a model paints, whatever its version.
    pub(crate) fn paints(&self, model: &str) -> bool {
        is_among(&self.images, model) && !is_among(&self.texts, model)
    }
}

fn is_among(list: &[String], model: &str) -> bool {
    list.iter().any(|known| model::base(known) == model::base(model))
}

impl Provider for Replicate {
    fn owns(&self, model: &str) -> Owns {
        let is_own = is_among(&self.texts, model) || is_among(&self.images, model);
        if is_own { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self)
    }
}
