//! Embeddings, in the server's own words.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, Payload, ProviderError, Unsaid, Usage, Wire,
    document::{
        DocumentReply, DocumentRequest, Embeddings,
        embedding::{self, Encoding},
        in_one_piece,
    },
};
use http::Request;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{provider::Ollama, refusal};

impl Wire<Embeddings> for Ollama {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<Embeddings>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Embeddings>>), ProviderError> {
        embedding::texts(request.doc())?; // no tokens
        let mut doc = request.doc().clone();
        for name in ["encoding_format", "user"] {
            doc.remove(name);
        }
        doc.set("model", self.named(call).model);
        let encoding = Encoding::asked(request.doc());
        let decoder = in_one_piece(move |_, body| read(&body, encoding));
        Ok((self.post(&self.embed, doc.to_rope()), decoder))
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<Embeddings>) -> Vec<Unsaid> {
        let user = request.doc().get::<String>("user").ok().flatten();
        user.into_iter().map(|_| Unsaid("user".into())).collect()
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    model: Option<String>,
    #[serde(borrow, default)]
    embeddings: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
}

fn read(body: &Bytes, encoding: Encoding) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let malformed = |message: &str| ProviderError::new(ErrorKind::Malformed).with_message(message);
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| {
        let shape = "the server's reply is not the JSON object that it should be";
        malformed(shape).with_source(error)
    })?;
    if reply.error.is_some() {
        return Err(refusal::in_band(body.clone()));
    }
    let none = || malformed("the server's reply has no embeddings");
    let vectors = reply.embeddings.ok_or_else(none)?;
    let usage = reply.prompt_eval_count.map(|count| Usage::new(count, 0));
    let model = reply.model.unwrap_or_default();
    embedding::reply(encoding, &model, vectors.into_iter().map(RawValue::get), usage)
}
