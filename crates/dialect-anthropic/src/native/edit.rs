//! What a host needs otherwise in a body that passes.

use ferro_core::{
    ErrorKind, ProviderError, Subject,
    document::{DocumentRequest, Form},
};
use ferro_wire::{JsonDoc, Rope};
use http::HeaderValue;

use super::{BETA, Operation};
use crate::{Place, Profile};

/// The client's body: the model as the host knows it, and what stands elsewhere at the host put there.
pub(super) fn body<F: Form>(
    profile: &Profile,
    model: &str,
    operation: Operation,
    request: &DocumentRequest<F>,
) -> Rope {
    let is_usual = profile.model_in == Place::Body
        && profile.version_in == Place::Header
        && profile.betas_in == Place::Header;
    if is_usual && model == request.model() {
        return request.doc().to_rope();
    }
    let mut doc = request.doc().clone();
    // A count is asked at a place that names no model.
    if profile.model_in == Place::Body || operation == Operation::Count {
        doc.set("model", model);
    } else {
        doc.remove("model");
    }
    if profile.version_in == Place::Body && !doc.contains("anthropic_version") {
        doc.set("anthropic_version", &*profile.version);
    }
    if profile.betas_in == Place::Body {
        // Where the body says everything, its path says whether a stream is wanted.
        doc.remove("stream");
        betas(&mut doc, profile, request);
    }
    doc.to_rope()
}

/// Says in the body which beta features the client and the operator ask for.
fn betas<F: Form>(doc: &mut JsonDoc, profile: &Profile, request: &DocumentRequest<F>) {
    const NAME: &str = "anthropic_beta";
    let own: Vec<String> = doc.get(NAME).ok().flatten().unwrap_or_default();
    let said = request.beside().values(&BETA).filter_map(|value| value.to_str().ok());
    let said = said.flat_map(|list| list.split(',')).map(|name| name.trim().to_owned());
    let mut all = own.clone();
    for name in said.chain(profile.betas.iter().cloned()) {
        if !name.is_empty() && !all.contains(&name) {
            all.push(name);
        }
    }
    if all.len() > own.len() {
        doc.set(NAME, &all);
    }
}

/// A word as a header's value.
pub(super) fn value(word: &str) -> Result<HeaderValue, ProviderError> {
    HeaderValue::from_str(word).map_err(|_| {
        let message = format!("`{word}` stands in no header");
        ProviderError::new(ErrorKind::Invalid).with_message(message)
    })
}
