//! Hugging Face's own inference, behind the router: embeddings and pictures, each in its own words.
//!
//! Places and bodies by `huggingface_hub` (`inference/_providers/hf_inference.py`) and the task pages of
//! Inference Providers (`feature-extraction`, `text-to-image`; read 2026-12-01).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, ErrorKind, Host, InParts, Payload, Provider, ProviderError,
    Serve, Unsaid, Wire,
    document::{
        DocumentReply, DocumentRequest, Embeddings, Images,
        embedding::{self, Encoding},
        image::{self, Gives, Picture},
        in_one_piece,
    },
    media, segments,
};
use ferro_dialect_openai::refusal;
use ferro_wire::{JsonDoc, Rope, write_string};
use http::{HeaderMap, Method, Request, Uri, header, response::Parts};
use serde_json::value::RawValue;

/// As many texts are embedded at once: what the server behind it takes unless told otherwise
/// (`--max-client-batch-size` of Text Embeddings Inference).
const MOST_TEXTS: usize = 32;
/// A name may say who serves the model: here it is always the same.
const SERVER: &str = ":hf-inference";
/// Fields of the wire for embeddings that have no word here.
const NO_VECTORS: &[&str] = &["dimensions", "user"];
/// Likewise for pictures. Whatever else is said is a parameter of the model's.
const NO_PICTURES: &[&str] = &[
    "background",
    "moderation",
    "output_compression",
    "output_format",
    "partial_images",
    "quality",
    "style",
    "user",
];

/// What it has beside chat, where the router is that has its API root at `root`.
pub(crate) fn beside(root: &str, headers: &HeaderMap) -> Arc<dyn Provider> {
    let router = root.strip_suffix("/v1").unwrap_or(root);
    let models = format!("{router}/hf-inference/models/");
    Arc::new(Inference { models, headers: headers.clone() })
}

/// Its inference, at a place.
#[derive(Debug)]
struct Inference {
    /// What a model's name follows.
    models: String,
    headers: HeaderMap,
}

impl Inference {
    fn outbound(
        &self,
        model: &str,
        task: &str,
        body: Rope,
    ) -> Result<Request<Payload>, ProviderError> {
        let model = segments(model.strip_suffix(SERVER).unwrap_or(model))?;
        let place = format!("{}{model}{task}", self.models);
        let place: Uri = place.parse().map_err(|error| {
            let message = format!("`{place}` is no path: {error}");
            ProviderError::new(ErrorKind::Invalid).with_message(message)
        })?;
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = place;
        *outbound.headers_mut() = self.headers.clone();
        Ok(outbound)
    }
}

impl Provider for Inference {
    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(self)
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        Some(self)
    }
}

impl Host for Inference {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Bearer.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body, &[])
    }
}

impl Wire<Embeddings> for Inference {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        let count = embedding::texts(request.doc())?.len();
        let mut doc = request.doc().clone();
        let input = doc.text("input").unwrap_or_default().into_owned();
        // Always a list, so that a list of vectors comes back.
        let inputs = if input.starts_with(b"[") { input } else { [b"[", &*input, b"]"].concat() };
        for name in ["model", "input", "encoding_format"].iter().chain(NO_VECTORS) {
            doc.remove(name);
        }
        doc.set_text("inputs", inputs.into());
        let outbound = self.outbound(call.model, "/pipeline/feature-extraction", doc.to_rope())?;
        let (encoding, model) = (Encoding::asked(request.doc()), call.model.to_owned());
        Ok((outbound, in_one_piece(move |_, body| vectors(&body, &model, (encoding, count)))))
    }

    fn parts(
        &self,
        _: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Option<InParts<Embeddings>> {
        embedding::parts(request, MOST_TEXTS)
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        unsaid(request.doc(), NO_VECTORS)
    }
}

impl Wire<Images> for Inference {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Images>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Images>>), ProviderError> {
        let prompt = image::prompt(request, Gives::Bytes)?;
        let mut parameters = request.doc().clone();
        if parameters.get("n").ok().flatten().is_some_and(|n: u64| n > 1) {
            return Err(image::refused("n", "beside a `seed` this vendor makes one picture"));
        }
        let own = ["model", "prompt", "n", "size", "response_format", "stream"];
        for name in own.iter().chain(NO_PICTURES) {
            parameters.remove(name);
        }
        if let Some((width, height)) = image::size(request.doc()) {
            parameters.set("width", &width);
            parameters.set("height", &height);
        }
        let mut body = b"{\"inputs\":".to_vec();
        write_string(&mut body, &prompt);
        body.extend_from_slice(b",\"parameters\":");
        body.extend_from_slice(&parameters.to_rope().to_bytes());
        body.push(b'}');
        let outbound = self.outbound(call.model, "", body.into())?;
        let created = image::created(call);
        Ok((outbound, in_one_piece(move |head, body| picture(head, &body, created))))
    }

    /// One picture at a time; with a seed, each would be the same.
    fn parts(&self, _: &Call<'_>, request: &DocumentRequest<Images>) -> Option<InParts<Images>> {
        if request.doc().contains("seed") { None } else { image::one_by_one(request) }
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Images>) -> Vec<Unsaid> {
        let mut unsaid = unsaid(request.doc(), NO_PICTURES);
        if request.doc().contains("size") && image::size(request.doc()).is_none() {
            unsaid.push(Unsaid("size".into()));
        }
        unsaid
    }
}

fn unsaid(doc: &JsonDoc, names: &[&'static str]) -> Vec<Unsaid> {
    names.iter().filter(|name| doc.contains(name)).map(|name| Unsaid((*name).into())).collect()
}

/// A vector for each text. A model that was not made for sentences gives one for each of their tokens.
fn vectors(
    body: &Bytes,
    model: &str,
    (encoding, count): (Encoding, usize),
) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let vectors: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|_| refusal::no_reply(body, "embeddings"))?;
    if vectors.len() != count {
        return Err(refusal::no_reply(body, "embedding for each text"));
    }
    let is_of_tokens = |vector: &&RawValue| {
        vector.get().strip_prefix('[').is_some_and(|inside| inside.trim_start().starts_with('['))
    };
    if vectors.iter().any(is_of_tokens) {
        let message =
            format!("model: `{model}` gives a vector for each token, and none for a text");
        return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
    }
    embedding::reply(encoding, model, vectors.into_iter().map(RawValue::get), None)
}

/// A picture, which is the body itself.
fn picture(
    head: &Parts,
    body: &Bytes,
    created: u64,
) -> Result<DocumentReply<Images>, ProviderError> {
    let is_json = head.headers.get(header::CONTENT_TYPE).is_some_and(|said| {
        said.as_bytes().starts_with(b"application/json") || said.as_bytes().starts_with(b"text/")
    });
    let is_picture = media::sniff(body).is_some_and(|kind| kind.starts_with("image/"));
    if is_json || !is_picture {
        return Err(refusal::no_reply(body, "picture"));
    }
    let data = STANDARD.encode(body);
    let picture = Picture { data: &data, revised_prompt: None };
    Ok(image::reply(created, Gives::Bytes, [picture], None))
}
