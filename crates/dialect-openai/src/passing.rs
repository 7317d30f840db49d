//! The surfaces besides chat, at a vendor that speaks this wire: documents that pass as they came, but
//! for the few members that a row says.

mod completions;
mod embeddings;
mod images;
mod moderations;
pub(crate) mod plain;
mod rerank;
mod responses;
mod speech;

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, ErrorKind, Host, InParts, Payload, ProviderError, Subject,
    SurfaceKind, Unsaid, Wire,
    document::{
        Completions, DocumentRequest, Embeddings, Form, Images, Moderations, Rerank, Responses,
        Speech,
    },
};
use http::{HeaderMap, Method, Request, Uri, response::Parts};

use crate::{
    Vendor,
    encode::{Doc, fields},
    refusal, uploading,
};

/// A surface of this wire besides chat.
pub trait Passed: Form {
    /// Where below the root the wire has it.
    const PATH: &'static str;

    /// What is said otherwise than the client did, besides what the row says.
    ///
    /// # Errors
    ///
    /// Names the field that cannot be said.
    fn edit(
        vendor: &Vendor,
        request: &DocumentRequest<Self>,
        doc: &mut Doc<'_>,
    ) -> Result<(), ProviderError> {
        let _ = (vendor, request, doc);
        Ok(())
    }

    /// The parts in which a request is asked, where it is more than the vendor takes at once.
    fn parts(vendor: &Vendor, request: &DocumentRequest<Self>) -> Option<InParts<Self>> {
        let _ = (vendor, request);
        None
    }

    /// Reads the reply to a request.
    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>>;
}

/// Where below the root the wire has a surface; `None` where it is not one of these.
fn usual(surface: SurfaceKind) -> Option<&'static str> {
    Some(match surface {
        SurfaceKind::Completions => Completions::PATH,
        SurfaceKind::Embeddings => Embeddings::PATH,
        SurfaceKind::Images => Images::PATH,
        SurfaceKind::Moderations => Moderations::PATH,
        SurfaceKind::Rerank => Rerank::PATH,
        SurfaceKind::Responses => Responses::PATH,
        SurfaceKind::Speech => Speech::PATH,
        other => return uploading::usual(other),
    })
}

/// The surfaces that a vendor has besides chat, at a place.
#[derive(Clone, Debug)]
pub struct Passing {
    pub(crate) vendor: Vendor,
    pub(crate) headers: HeaderMap,
    /// The path of the API's root.
    pub(crate) root: String,
    places: Vec<(SurfaceKind, Uri)>,
}

impl Passing {
    /// Those that the row names, below `root`.
    ///
    /// # Panics
    ///
    /// If `root` cannot be a URL's path.
    pub(crate) fn new(vendor: &Vendor, root: &str, headers: &HeaderMap) -> Self {
        let own =
            |surface| vendor.paths.iter().find(|(of, _)| *of == surface).map(|(_, path)| *path);
        let place = |surface: &SurfaceKind| {
            let path = own(*surface).or_else(|| usual(*surface))?;
            let uri = format!("{root}{path}").parse().expect("a path from a URL, and a suffix");
            Some((*surface, uri))
        };
        let places = vendor.surfaces.iter().filter_map(place).collect();
        Self { vendor: *vendor, headers: headers.clone(), root: root.to_owned(), places }
    }

    /// Itself, where it has a surface.
    pub fn serving(&self, surface: SurfaceKind) -> Option<&Self> {
        self.place(surface).map(|_| self)
    }

    pub(crate) fn place(&self, surface: SurfaceKind) -> Option<&Uri> {
        self.places.iter().find(|(of, _)| *of == surface).map(|(_, uri)| uri)
    }
}

impl Host for Passing {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.vendor.auth.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body, self.vendor.codes)
    }
}

impl<F: Passed> Wire<F> for Passing {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &DocumentRequest<F>,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<F>>), ProviderError> {
        let place = self.place(F::KIND).ok_or_else(|| {
            let message = format!("`{}` has no {}", self.vendor.kind, F::KIND.as_str());
            ProviderError::new(ErrorKind::Unsupported).with_message(message)
        })?;
        let mut doc = Cow::Borrowed(request.doc());
        let model = self.vendor.bare(call.model);
        if model != request.model() {
            doc.to_mut().set("model", model);
        }
        fields::apply(self.vendor.edits_of(F::KIND), &mut doc)?;
        F::edit(&self.vendor, request, &mut doc)?;
        let mut outbound = Request::new(Payload::from(doc.to_rope()));
        *outbound.method_mut() = Method::POST;
        let beside = request.beside();
        *outbound.uri_mut() = beside.at(place);
        let mut headers = self.headers.clone();
        for (name, value) in beside.headers() {
            headers.append(name.clone(), value.clone());
        }
        *outbound.headers_mut() = headers;
        Ok((outbound, F::decoder(&self.vendor, request)))
    }

    fn parts(&self, _: &Call<'_>, request: &DocumentRequest<F>) -> Option<InParts<F>> {
        F::parts(&self.vendor, request)
    }

    fn unsaid(&self, _: &Call<'_>, request: &DocumentRequest<F>) -> Vec<Unsaid> {
        fields::unsaid(self.vendor.edits_of(F::KIND), request.doc())
    }
}
