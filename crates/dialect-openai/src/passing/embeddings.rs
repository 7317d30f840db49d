//! Embeddings: vectors come as the client asked for them, whichever of the two ways the vendor has.

use bytes::Bytes;
use ferro_core::{
    Decoder, InParts, ProviderError,
    document::{
        DocumentRequest, Embeddings,
        embedding::{self, Encoding},
    },
};

use super::{Passed, plain::PlainDecoder};
use crate::Vendor;

impl Passed for Embeddings {
    const PATH: &'static str = "/embeddings";

    fn parts(vendor: &Vendor, request: &DocumentRequest<Self>) -> Option<InParts<Self>> {
        embedding::parts(request, vendor.most_inputs?)
    }

    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let encoded: fn(Bytes) -> Result<Bytes, ProviderError> =
            match Encoding::asked(request.doc()) {
                Encoding::Floats => |body| embedding::encoded(Encoding::Floats, body),
                Encoding::Base64 => |body| embedding::encoded(Encoding::Base64, body),
            };
        Box::new(PlainDecoder::new(vendor, "data").with_edit(encoded))
    }
}
