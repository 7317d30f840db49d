//! The surfaces besides chat, at a vendor that speaks this wire: documents that pass as they came.

use std::marker::PhantomData;

use bytes::Bytes;
use ferro_core::{
    Call, Comes, Credential, Decoder, ErrorKind, Frame, Payload, ProviderError, Subject,
    SurfaceKind, Unsaid, Wire,
    chat::Members,
    document::{
        DocumentReply, DocumentRequest, Embeddings, Form, Images, Moderations, Rerank, Responses,
        Speech,
    },
};
use ferro_wire::{Framing, Walk, sse};
use http::{HeaderMap, Method, Request, Uri, response::Parts};

use crate::{
    Usages, Vendor,
    media::{MediaDecoder, Shape},
    refusal,
    responses::ResponsesDecoder,
    uploading, usage,
};

/// A surface of this wire besides chat.
pub(crate) trait Passed: Form {
    /// Where below the root the wire has it.
    const PATH: &'static str;

    /// Reads the reply to a request.
    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>>;
}

/// Where below the root the wire has a surface; `None` where it is not one of these.
fn usual(surface: SurfaceKind) -> Option<&'static str> {
    Some(match surface {
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
pub(crate) struct Passing {
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
    pub(crate) fn serving(&self, surface: SurfaceKind) -> Option<&Self> {
        self.place(surface).map(|_| self)
    }

    pub(crate) fn place(&self, surface: SurfaceKind) -> Option<&Uri> {
        self.places.iter().find(|(of, _)| *of == surface).map(|(_, uri)| uri)
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
        let model = self.vendor.bare(call.model);
        let body = if model == request.model() {
            request.doc().to_rope()
        } else {
            let mut doc = request.doc().clone();
            doc.set("model", model);
            doc.to_rope()
        };
        let mut outbound = Request::new(Payload::from(body));
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

    fn unsaid(&self, _: &Call<'_>, _: &DocumentRequest<F>) -> Vec<Unsaid> {
        Vec::new()
    }
}

/// Makes a surface whose replies come in one piece and hold `$result`.
macro_rules! in_one_piece {
    ($($form:ident at $path:literal holds $result:literal),* $(,)?) => {
        $(impl Passed for $form {
            const PATH: &'static str = $path;

            fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
                Box::new(PlainDecoder::new(vendor, $result))
            }
        })*
    };
}

in_one_piece! {
    Embeddings at "/embeddings" holds "data",
    Images at "/images/generations" holds "data",
    Moderations at "/moderations" holds "results",
    Rerank at "/rerank" holds "results",
}

impl Passed for Responses {
    const PATH: &'static str = "/responses";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        Box::new(ResponsesDecoder::new(vendor))
    }
}

impl Passed for Speech {
    const PATH: &'static str = "/audio/speech";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let shape = Shape { result: "audio", last: ".done", other: Comes::Bytes };
        Box::new(MediaDecoder::new(vendor, shape))
    }
}

/// Reads a reply that comes in one piece and passes as it came.
struct PlainDecoder<F> {
    codes: refusal::Codes,
    convention: Usages,
    /// The member without which it is no reply.
    result: &'static str,
    form: PhantomData<fn() -> F>,
}

impl<F> PlainDecoder<F> {
    fn new(vendor: &Vendor, result: &'static str) -> Self {
        let (codes, convention) = (vendor.codes, vendor.profile.usage);
        Self { codes, convention, result, form: PhantomData }
    }
}

impl<F: Form> Decoder<F> for PlainDecoder<F> {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<DocumentReply<F>, ProviderError> {
        let reply = Reply::read(&body, self.result).map_err(|source| {
            let shape = "the upstream's reply is not the JSON object that it should be";
            ProviderError::new(ErrorKind::Malformed).with_message(shape).with_source(source)
        })?;
        reply.check(&body, self.result, self.codes)?;
        let usage = reply.usage.and_then(|said| usage::read(said, self.convention));
        Ok(DocumentReply::new(body, usage))
    }

    fn read(&mut self, _: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        let message = "the upstream answered with a stream, which was not asked for";
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    fn is_finished(&self) -> bool {
        false
    }
}

/// The members of a reply that are read.
#[derive(Debug, Default)]
pub(crate) struct Reply<'a> {
    error: Option<&'a [u8]>,
    pub(crate) usage: Option<&'a [u8]>,
    has_result: bool,
}

impl<'a> Reply<'a> {
    pub(crate) fn read(body: &'a [u8], result: &str) -> serde_json::Result<Self> {
        Self::walked(body, result).map_or_else(|| Self::parsed(body, result), Ok)
    }

    /// Reads what is written as usual; `None` leaves it to serde.
    fn walked(body: &'a [u8], result: &str) -> Option<Self> {
        let (mut reply, mut walk) = (Self::default(), Walk::new(body));
        walk.object(|name, walk| {
            match name {
                b"error" => walk.say(&mut reply.error)?,
                b"usage" => walk.say(&mut reply.usage)?,
                name if name == result.as_bytes() => {
                    reply.has_result = true;
                    walk.skip()?;
                }
                _ => walk.skip()?,
            }
            Some(())
        })?;
        walk.is_over().then_some(reply)
    }

    fn parsed(body: &'a [u8], result: &str) -> serde_json::Result<Self> {
        let members: Members<'a> = serde_json::from_slice(body)?;
        let get = |name: &str| members.get(name).map(str::as_bytes).filter(|said| *said != b"null");
        Ok(Self { error: get("error"), usage: get("usage"), has_result: get(result).is_some() })
    }

    /// Refuses a reply that is an error, or lacks its result.
    pub(crate) fn check(
        &self,
        body: &Bytes,
        result: &str,
        codes: refusal::Codes,
    ) -> Result<(), ProviderError> {
        if !self.says_error() && self.has_result {
            return Ok(());
        }
        let error = refusal::in_band(body.clone(), codes);
        if self.says_error() || error.message().is_some() {
            return Err(error);
        }
        let message = format!("the upstream's reply has no {result}");
        Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
    }

    /// Some say with every reply that there is no error.
    fn says_error(&self) -> bool {
        self.error.is_some_and(|error| !matches!(error, b"\"\"" | b"{}" | b"[]" | b"0" | b"false"))
    }
}
