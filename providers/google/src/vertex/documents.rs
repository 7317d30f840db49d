//! Embeddings and images of Google's own models on Vertex AI.

use ferro_core::{
    Call, Decoder, ErrorKind, InParts, Payload, ProviderError, Unsaid, Wire,
    document::{DocumentRequest, Embeddings, Images, embedding},
};
use ferro_wire::Rope;
use http::Request;

use super::{family::Family, provider::Vertex};
use crate::{
    documents::{embed, image},
    root,
};

/// The name of a model of Google's own; others have neither embeddings nor images here.
fn googles(model: &str) -> Result<&str, ProviderError> {
    if let Family::Gemini(name) = Family::of(model) {
        return Ok(name);
    }
    let message = format!("`{model}` is none of Google's models, and is asked for chat only");
    Err(ProviderError::new(ErrorKind::Unsupported).with_message(message))
}

impl Wire<Embeddings> for Vertex {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        let path = self.model("google", googles(call.model)?, ":predict")?;
        let body = embed::at_vertex(request.doc())?;
        let decoder = embed::decoder(call.model, request.doc());
        Ok((root::post(&path, &self.headers, Rope::from(body))?, decoder))
    }

    fn parts(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Option<InParts<Embeddings>> {
        let name = googles(call.model).unwrap_or_default();
        embedding::parts(request, embed::most_at_vertex(name))
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        embed::unsaid(request.doc())
    }
}

impl Wire<Images> for Vertex {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Images>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Images>>), ProviderError> {
        let name = googles(call.model)?;
        let (verb, body) = if image::is_imagen(name) {
            (":predict", image::for_imagen(request)?)
        } else {
            (":generateContent", image::for_gemini(request)?)
        };
        let path = self.model("google", name, verb)?;
        Ok((root::post(&path, &self.headers, Rope::from(body))?, image::decoder(call)))
    }

    fn parts(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Option<InParts<Images>> {
        image::parts(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Vec<Unsaid> {
        image::unsaid(call, request.doc())
    }
}
